"""Opening a checkpoint, whichever dialect it was written in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from k2to3.errors import Damaged, FileError, K2to3Error, NothingToDo, NotKeras2, UnsafeFile
from k2to3.limits import DEFAULT, Limits
from k2to3.options.records import SILENT, Said
from k2to3.sources.architecture import Architecture
from k2to3.sources.checkpoint import Checkpoint
from k2to3.sources.dialects.given import Asked, ExaminedFile
from k2to3.sources.dialects.table import FILES, HDF5, PATHS
from k2to3.sources.hdf5 import Hdf5, read_hdf5
from k2to3.sources.opened import OpenedFile, open_file
from k2to3.sources.zip_signs import ends_like_zip

if TYPE_CHECKING:
    from k2to3.sources.sniff import Kind

T = TypeVar("T")


def read_checkpoint(
    path: Path, architecture: Path | Architecture | None = None, limits: Limits = DEFAULT, said: Said = SILENT
) -> Checkpoint:
    """Open a checkpoint; `architecture` is that of a weights-only file (see `read_architecture`), `said` what the
    user knows of its author.

    Raises:
        K2to3Error: see `k2to3.errors`; every message names the file.
    """
    asked = Asked(architecture, limits, said)
    for dialect in PATHS:
        if dialect.holds(path):
            return dialect.read(path, asked)
    try:
        file = open_file(path)
    except FileError as error:
        raise better(path, error).located(file=str(path)) from error.__cause__
    return held(file, lambda: _file(file, asked))


def held(file: OpenedFile, read: Callable[[], T]) -> T:
    """What `read` makes of an opened file, which is closed where it fails.

    Raises:
        K2to3Error: with the name of the file.
    """
    try:
        found = read()
        file.check_unchanged()
        return found
    except K2to3Error as error:
        file.close()
        raise error.located(file=str(file.path)) from error.__cause__
    except BaseException:
        file.close()
        raise


def _file(file: OpenedFile, asked: Asked) -> Checkpoint:
    for dialect in FILES:
        if dialect.holds(file):
            try:
                return dialect.read(file, asked)
            except NotKeras2 as error:
                error.hint = error.hint or _advice(file.path)
                raise
    return checkpoint_of(file, _examined(file, asked.limits), asked)


def _examined(file: OpenedFile, limits: Limits) -> Hdf5:
    if ends_like_zip(file):
        raise UnsafeFile("is an HDF5 file and a zip archive in one, which two programs read as two models")
    try:
        return read_hdf5(file, limits)
    except NotKeras2 as error:
        raise better(file.path, error) from error.__cause__


def checkpoint_of(file: OpenedFile, hdf5: Hdf5, asked: Asked) -> Checkpoint:
    """The checkpoint in an HDF5 file that was examined, or that this process wrote itself."""
    found = ExaminedFile(file, hdf5)
    for dialect in HDF5:
        if dialect.holds(found):
            return dialect.read(found, asked)
    raise NotKeras2("an HDF5 file, but not one that Keras wrote (no model_config, no layer_names)")


def _advice(path: Path) -> str | None:
    from k2to3.sources.sniff import sniff

    kind = sniff(path)
    return None if kind is None or kind.name.startswith("a .keras") else f"it is {kind.name}: {kind.advice}"


def _error_of(kind: Kind) -> type[K2to3Error]:
    if kind.done:
        return NothingToDo
    if kind.damaged:
        return Damaged
    return FileError if kind.no_file else NotKeras2


def better(path: Path, error: K2to3Error) -> K2to3Error:
    """Say what the file or folder is, where that is known."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        # A pipe or a device: looking into it could block for ever.
        return error
    from k2to3.sources.sniff import sniff

    try:
        kind = sniff(path)
    except OSError:
        return error
    if kind is None:
        return error
    return _error_of(kind)(f"is {kind.name}", hint=kind.advice)
