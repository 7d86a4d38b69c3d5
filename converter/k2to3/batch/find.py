"""Which files of a folder are checkpoints, and what each becomes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from k2to3 import leftovers
from k2to3.archive.keras_archive import DATE_SAVED
from k2to3.errors import FileError, UsageError
from k2to3.publish.identity import folded
from k2to3.sources.saved_model.checkpoint import is_index
from k2to3.sources.saved_model.folder import MODEL, is_saved_model

INDEX = ".index"
SUFFIXES = frozenset({".h5", ".hdf5", ".keras", ".hdf", ".h5py"})
# metadata.json comes first in what we write, stored, with a date that no Keras writes.
HEAD = 256
MARKS = (b"PK\x03\x04", b"metadata.json", b'"keras_version": "3.', f'"date_saved": "{DATE_SAVED}"'.encode())


@dataclass(frozen=True)
class Pair:
    """One file and what it becomes."""

    source: Path
    target: Path


def find_checkpoints(folder: Path, problem: Callable[[OSError], None] | None = None) -> Iterator[Path]:
    """Files below `folder` that may be checkpoints, and SavedModel folders, which are not searched, in a fixed order.

    `problem` hears of unreadable folders.
    """
    for root, folders, names in os.walk(folder, onerror=problem):
        if MODEL in names:
            folders.clear()
            yield Path(root)
            continue
        folders[:] = sorted(name for name in folders if not leftovers.NAME.fullmatch(name))
        for name in sorted(names):
            path = Path(root) / name
            if path.suffix.lower() in SUFFIXES or (path.suffix == INDEX and is_index(path)):
                yield path


def find_pairs(
    folder: Path, out: Path, *, keep_suffix: bool = False, problem: Callable[[OSError], None] | None = None
) -> list[Pair]:
    """Every checkpoint below `folder` with its place in the same tree below `out`.

    Raises:
        FileError: `folder` is not a folder.
        UsageError: two checkpoints would become one file.
    """
    if not folder.is_dir():
        raise FileError("is not a folder", file=str(folder))
    if is_saved_model(folder):
        raise UsageError("is one SavedModel", file=str(folder), hint=f"k2to3 convert {folder} NEW.keras")
    paths = [path for path in find_checkpoints(folder, problem) if not _our_own(path, out)]
    pairs = [Pair(path, out / _name(path.relative_to(folder), keep_suffix, path.is_dir())) for path in paths]
    _check_apart(pairs, keep_suffix)
    return pairs


def _name(path: Path, keep_suffix: bool, folder: bool = False) -> Path:
    if folder:
        # What stands behind a dot in the name of a folder is no suffix: `1.0`.
        return path.with_name(path.name + ".keras")
    return path.with_name(path.name + ".keras") if keep_suffix else path.with_suffix(".keras")


def _our_own(path: Path, out: Path) -> bool:
    """An archive that an earlier run wrote into `out`, where that is in the tree as well."""
    if path.suffix.lower() != ".keras" or not path.is_file() or not path.resolve().is_relative_to(out.resolve()):
        return False
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError:
        return False
    return head.startswith(MARKS[0]) and all(mark in head for mark in MARKS)


def _check_apart(pairs: list[Pair], keep_suffix: bool) -> None:
    taken: dict[str, Pair] = {}
    for pair in pairs:
        other = taken.setdefault(folded(pair.target), pair)
        if other is not pair:
            raise UsageError(
                f"{other.source} and {pair.source} would both become {pair.target}",
                hint="their names differ by case or normal form alone: rename one"
                if keep_suffix or folded(other.source) == folded(pair.source)
                else f"--keep-suffix names them apart: {_name(Path(pair.source.name), True)}",
            )
