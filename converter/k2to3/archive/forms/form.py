"""What a form of the output is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from k2to3.archive.keras_archive import Archive
from k2to3.archive.note import Note
from k2to3.archive.paths import Group
from k2to3.archive.trail import Progress
from k2to3.dataclass import dataclass
from k2to3.sources.tensors import Array
from k2to3.weights import Expression


@dataclass(frozen=True)
class Variable:
    """One variable under its name in the file."""

    name: str
    layer: str
    class_name: str
    expression: Expression


class Variables(Protocol):
    """The variables of files that are open for reading."""

    def names(self) -> set[str]: ...
    def shape(self, name: str) -> tuple[int, ...]: ...
    def holds(self, name: str, dtype: str) -> bool:
        """Whether its element type is what `dtype` becomes in this form."""
        ...

    def part(self, name: str, start: int, stop: int) -> Array:
        """Rows `start:stop`; the whole where it has no rows."""
        ...


@dataclass(frozen=True)
class Settings:
    """How the files are written; `source_sha256` is asked for, and `note` said, where a form keeps it."""

    shard_size: int
    source_writer: str
    source_sha256: Callable[[], str]
    note: Note
    progress: Progress | None = None


@dataclass(frozen=True)
class Form:
    """A form of the output.

    `names` gives the files of a target, of which the first stands for all; `found` those that exist
    behind a target. `trains`: it carries the optimizer, losses and metrics. `opens`: Keras 3 opens it
    as a model; for others a temporary archive of the same plan is run.
    """

    endings: tuple[str, ...]
    """The first is the one that a target has."""
    trains: bool
    opens: bool
    names: Callable[[Archive, str, int], list[str]]
    write: Callable[[Archive, Mapping[str, Path], Settings], None]
    found: Callable[[Path], dict[str, Path]]
    variables: Callable[[Sequence[Group]], list[Variable]]
    read: Callable[[Mapping[str, Path], bool], AbstractContextManager[Variables]]
    """`read(files, own)`; own ones were written by this process just now, and are not hostile."""
    note: Callable[[Path, Note], None] | None = None
    """How the file says what came of the proof, where its form has room for it."""

    @property
    def ending(self) -> str:
        return self.endings[0]


def one_file(archive: Archive, name: str, shard_size: int) -> list[str]:
    return [name]


def as_named(target: Path) -> dict[str, Path]:
    return {target.name: target}


def by_path(groups: Sequence[Group]) -> list[Variable]:
    """All variables under their paths in Keras 3's weights file, in the order of the archive."""
    return [
        Variable(f"{group.path}/vars/{index}".lstrip("/"), group.layer.name, group.layer.class_name, expression)
        for group in groups
        for index, expression in enumerate(group.variables)
    ]
