"""Which files are checkpoints, and what each becomes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from glob import glob, has_magic
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from k2to3 import leftovers
from k2to3.archive.keras_archive import DATE_SAVED
from k2to3.archive.note import METADATA, REACH
from k2to3.dataclass import dataclass
from k2to3.errors import FileError, UsageError
from k2to3.migration.places import Remote
from k2to3.publish.identity import Names, folded
from k2to3.publish.listing import Listing, below
from k2to3.sources.saved_model.folder import MODEL, is_saved_model
from k2to3.sources.saved_model.index_file import is_index
from k2to3.sources.zip_signs import START

INDEX = ".index"
SUFFIXES = frozenset({".h5", ".hdf5", ".keras", ".hdf", ".h5py"})
# metadata.json is stored, with a date that no Keras writes: the last member (it was the first).
MARKS = (METADATA.encode(), b'"keras_version": "3.', f'"date_saved": "{DATE_SAVED}"'.encode())


NOTHING: Mapping[str, Any] = {}


class Pair(NamedTuple):
    """One file and what it becomes; paths are made of its names where they are wanted, for most of many are not."""

    source_path: str
    target_path: str
    given: Mapping[str, Any] = NOTHING
    """Options of this file alone."""
    remote: Remote | None = None
    """What of it lies behind a URL; `source` and `target` then only stand for it."""

    def __hash__(self) -> int:
        return hash(self.target_path)

    @property
    def source(self) -> Path:
        return Path(self.source_path)

    @property
    def target(self) -> Path:
        return Path(self.target_path)

    @property
    def source_name(self) -> str:
        """As reports name it."""
        if self.remote is None or self.remote.source is None:
            return self.source_path
        return self.remote.source.url

    @property
    def target_name(self) -> str:
        url = None if self.remote is None else self.remote.target
        return self.target_path if url is None else url


@dataclass(frozen=True)
class Search:
    """Which files are wanted, by patterns of their place in the tree, and how results are named."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    keep_suffix: bool = False
    suffix: str = ".keras"

    def wants(self, where: str) -> bool:
        """Whether a file is wanted: a pattern fits the whole place, a folder that it lies in, or the name alone."""
        if not self.include and not self.exclude:
            return True
        place = Path(where)
        names = [place.name, *(str(PurePosixPath(*place.parts[:count])) for count in range(1, len(place.parts) + 1))]

        def fits(patterns: tuple[str, ...]) -> bool:
            return any(fnmatchcase(name, pattern.rstrip("/")) for pattern in patterns for name in names)

        return (not self.include or fits(self.include)) and not fits(self.exclude)


def find_checkpoints(folder: Path, problem: Callable[[OSError], None] | None = None) -> Iterator[Path]:
    """Files below `folder` that may be checkpoints, and SavedModel folders, which are not searched, in a fixed order.

    `problem` hears of unreadable folders.
    """
    return (Path(found.path) for found in _tree(str(folder), Listing(), problem))


class _Found(NamedTuple):
    """A checkpoint, its place in the tree, and whether it is a folder."""

    path: str
    place: str
    folder: bool


def _tree(folder: str, listing: Listing, problem: Callable[[OSError], None] | None) -> Iterator[_Found]:
    waiting = [(folder, "")]
    while waiting:
        here, place = waiting.pop()
        try:
            entries = listing.entries(here)
        except OSError as error:
            if problem is not None:
                problem(error)
            continue
        if MODEL in entries and not _is_folder(entries[MODEL]):
            yield _Found(here, place, True)
            continue
        folders = []
        above, before = below(here, ""), below(place, "")
        for name in sorted(entries):
            suffix = suffix_of(name)
            if _is_folder(entries[name]):
                folders.append(name)
            elif suffix in SUFFIXES or suffix.lower() in SUFFIXES or (suffix == INDEX and is_index(Path(here, name))):
                yield _Found(above + name, before + name, False)
        waiting += [
            (below(here, name), below(place, name))
            for name in reversed(folders)
            if not leftovers.NAME.fullmatch(name) and not entries[name].is_symlink()
        ]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def suffix_of(name: str) -> str:
    """As `Path(name).suffix`."""
    dot = name.rfind(".")
    return name[dot:] if 0 < dot < len(name) - 1 else ""


def find_pairs(
    sources: Sequence[Path],
    out: Path,
    search: Search,
    problem: Callable[[OSError], None] | None = None,
    more: int = 0,
    listing: Listing | None = None,
) -> list[Pair]:
    """Every checkpoint of `sources` (files, folders, patterns) with its place below `out`.

    What lies in a folder keeps its place in the tree; of several folders each keeps its own name as well, as `cp -r`
    does (`more`: folders elsewhere). What is given twice is converted once. `listing` is of the moment.

    Raises:
        FileError: there is no such file or folder.
    """
    seen = listing or Listing()
    given = [item for source in sources for item in _expanded(source)]
    several = sum(path.is_dir() and not is_saved_model(path) for path, _ in given) + more > 1
    found: dict[str, Pair] = {}
    target, chosen = below(str(out), ""), bool(search.include or search.exclude)
    for path, place in given:
        for each in _checkpoints(path, place, several, seen, problem):
            if not _our_own(each.path, out) and (not chosen or search.wants(each.place)):
                pair = Pair(each.path, target + name_of(each.place, search, each.folder))
                found.setdefault(seen.real(each.path) if len(given) > 1 else each.path, pair)
    return list(found.values())


def _expanded(source: Path) -> list[tuple[Path, Path]]:
    """Paths that were given, with the place that each keeps: a pattern keeps what stands behind its first `*`."""
    if source.exists() or source.is_symlink() or not has_magic(str(source)):
        if not os.path.lexists(source):
            raise FileError("there is no such file or folder", file=str(source))
        return [(source, Path(source.name))]
    fixed = Path(*takewhile(lambda part: not has_magic(part), source.parts))
    paths = [Path(name) for name in sorted(glob(str(source), recursive=True, include_hidden=True))]
    if not paths:
        raise FileError("no file or folder fits this pattern", file=str(source))
    return [(path, path.relative_to(fixed)) for path in paths]


def _checkpoints(
    path: Path, place: Path, several: bool, listing: Listing, problem: Callable[[OSError], None] | None
) -> Iterator[_Found]:
    if not path.is_dir() or is_saved_model(path):
        yield _Found(str(path), str(place), path.is_dir())
        return
    for found in _tree(str(path), listing, problem):
        yield found._replace(place=below(str(place), found.place)) if several else found


def name_of(place: str, search: Search, folder: bool) -> str:
    """What a checkpoint in this place becomes."""
    if folder or search.keep_suffix:
        # What stands behind a dot in the name of a folder is no suffix: `1.0`.
        return place + search.suffix
    name = place[place.rfind(os.sep) + 1 :]
    kept = name.removesuffix(".weights.h5").removesuffix(suffix_of(name))
    return place[: len(place) - len(name)] + kept + search.suffix


def _our_own(path: str, out: Path) -> bool:
    """An archive that an earlier run wrote into `out`, where that is in the tree as well."""
    if not path.lower().endswith(".keras"):
        return False
    source = Path(path)
    if not source.is_file() or not source.resolve().is_relative_to(out.resolve()):
        return False
    try:
        with source.open("rb") as file:
            head = file.read(REACH)
            file.seek(max(0, file.seek(0, os.SEEK_END) - REACH))
            tail = file.read(REACH)
    except OSError:
        return False
    return head.startswith(START) and any(all(mark in end for mark in MARKS) for end in (head, tail))


def check_apart(pairs: Sequence[Pair], keep_suffix: bool, names: Names) -> None:
    """Make sure that no two become one file, by their names as `names` has them.

    Raises:
        UsageError: two would.
    """
    taken: dict[str, Pair] = {}
    if len({names.file(pair.target_path).folded for pair in pairs}) == len(pairs):
        return
    for pair in pairs:
        other = taken.setdefault(names.file(pair.target_path).folded, pair)
        if other is not pair:
            raise UsageError(
                f"{other.source} and {pair.source} would both become {pair.target}",
                hint="their names differ by case or normal form alone: rename one"
                if keep_suffix or folded(other.source) == folded(pair.source)
                else f"--keep-suffix names them apart: {pair.source.name}{pair.target.suffix}"
                if other.source.name != pair.source.name
                else "give the folders that they lie in, or name their targets in a --manifest",
            )
