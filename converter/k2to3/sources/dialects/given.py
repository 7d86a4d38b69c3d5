"""What a reader is given, and what a dialect is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from k2to3.dataclass import dataclass
from k2to3.errors import UsageError
from k2to3.limits import DEFAULT, Limits
from k2to3.options.records import SILENT, Said
from k2to3.sources.architecture import Architecture
from k2to3.sources.checkpoint import Checkpoint
from k2to3.sources.hdf5 import Hdf5
from k2to3.sources.opened import OpenedFile

Opened = TypeVar("Opened")


@dataclass(frozen=True)
class Asked:
    """What was said beside the path: `architecture` of a weights-only file, and what is known of its author."""

    architecture: Path | Architecture | None = None
    limits: Limits = DEFAULT
    said: Said = SILENT

    def no_architecture(self, owner: str) -> None:
        """
        Raises:
            UsageError: an architecture was given for something that has its own.
        """
        if self.architecture is not None:
            raise UsageError(f"--architecture is for weights-only files; {owner} has its own")


@dataclass(frozen=True)
class ExaminedFile:
    """An HDF5 file, opened once and examined."""

    file: OpenedFile
    hdf5: Hdf5


@dataclass(frozen=True)
class Dialect(Generic[Opened]):
    """One way of storing models: whether something is of it, and how it is read."""

    name: str
    holds: Callable[[Opened], bool]
    read: Callable[[Opened, Asked], Checkpoint]
