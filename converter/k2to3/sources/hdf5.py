"""Opening an HDF5 file that may be hostile.

Every file is opened in a child process with limits (`examine`): it follows every link, checks every object, reads
the attributes and unpacks every compressed array, so that a crash, an endless loop or a bomb of the HDF5 library ends
the child. What it found comes back as plain values (`tree`); arrays that lie in one piece are read as bytes. The
library opens the file here only to unpack what the child has unpacked before.

Sources of the rules: CVE-2026-1669 (external storage), GHSA-27f4-p4xq-cxg8 (links),
keras PR 22081 and 22976 (shape bombs, virtual datasets).
"""

from __future__ import annotations

import os

import h5py

from k2to3.dataclass import dataclass
from k2to3.errors import NotKeras2
from k2to3.isolation.child import Action, Budget, Tick, can_fork, survive, survives
from k2to3.limits import DEFAULT, Limits
from k2to3.sources.damage import damage
from k2to3.sources.examine import Share, examine, examine_heaps
from k2to3.sources.library import Library
from k2to3.sources.opened import OpenedFile
from k2to3.sources.tree import Group
from k2to3.sources.tree_index import Told, together, told_by, tree_of

SIGNATURE = b"\x89HDF\r\n\x1a\n"
# Seconds without a step mean a loop; an honest file of the smallest arrays takes a second for a megabyte.
STEP, SECONDS, BYTES_PER_SECOND = 1.0, 10, 128 << 10
# From here on a second processor is worth it: a model of thousands of layers has at least so many bytes.
LARGE = 8 << 20
# HDF5, h5py and Python hold a long text several times.
MEMORY, TEXTS = 64 << 20, 4


@dataclass(frozen=True)
class Hdf5:
    """An HDF5 file that was examined: what it holds, and the library for what has to be unpacked."""

    root: Group
    library: Library

    def close(self) -> None:
        """Close what the library opened; the file itself belongs to whoever opened it."""
        self.library.close()


def read_hdf5(file: OpenedFile, limits: Limits = DEFAULT) -> Hdf5:
    """Examine an opened file in a child process.

    Raises:
        NotKeras2: not HDF5, or damaged.
        UnsafeFile: links out of the file, external or virtual storage, bombs; it crashes HDF5 or never ends.
        FileError: it changed meanwhile.
    """
    if not is_hdf5(file):
        raise NotKeras2("not an HDF5 file" if file.size else "the file is empty")
    found = read_part(file, 0, file.size, limits)
    file.check_unchanged()
    return found


def read_part(file: OpenedFile, offset: int, size: int, limits: Limits = DEFAULT) -> Hdf5:
    """As `read_hdf5`, for an HDF5 file that fills `size` bytes of `file` from `offset` on."""
    return Hdf5(tree_of(look(file, offset, size, limits)), Library(file, offset, size))


def read_own(file: OpenedFile, limits: Limits = DEFAULT) -> Hdf5:
    """A file that this process has just written: no child has to try it first."""
    written = b"".join(examine(file, 0, file.size, limits).written())
    return Hdf5(tree_of([told_by(written)]), Library(file, 0, file.size))


def open_part(file: OpenedFile, offset: int, size: int, limits: Limits = DEFAULT, *, own: bool = False) -> h5py.File:
    """As `read_part`, then open it with h5py: the HDF5 file that fills `size` bytes of `file` from `offset` on.

    `own`: this process has just written it, so there is nothing to examine.
    """
    library = Library(file, offset, size) if own else read_part(file, offset, size, limits).library
    return library.root()


def look(file: OpenedFile, offset: int, size: int, limits: Limits) -> list[Told]:
    """Examine in child processes, each of which tells what it found (`tree_index`).

    Raises:
        K2to3Error: what they found.
    """
    budget = Budget(STEP, SECONDS + size // BYTES_PER_SECOND, MEMORY + TEXTS * limits.config_bytes)
    if size >= LARGE and (os.cpu_count() or 1) > 1 and can_fork():
        return _look_together(file, offset, size, limits, budget)
    place = {"path": os.fspath(file.path.absolute()), "identity": file.identity, "offset": offset, "size": size}
    job = {**place, "limits": vars(limits)}

    def action(tick: Tick) -> list[bytes]:
        return examine(file, offset, size, limits, tick).written()

    return [told_by(survives(action, "k2to3.sources.examine_worker", job, budget))]


def _look_together(file: OpenedFile, offset: int, size: int, limits: Limits, budget: Budget) -> list[Told]:
    """As `look`, two processes side by side; then the heaps, since only both know where no heap is."""

    def part(number: int) -> Action:
        return lambda tick: examine(file, offset, size, limits, tick, Share(number, 2)).written()

    found = [told_by(told) for told in survive([part(0), part(1)], budget)]
    together(share.totals for share in found).check(size, limits)
    extents = [extent for share in found for extent in share.extents]

    def heaps(tick: Tick) -> list[bytes]:
        with damage():
            examine_heaps(file, offset, size, extents)
        return []

    survive([heaps], budget)
    return found


def is_hdf5(file: OpenedFile) -> bool:
    """Whether the signature stands where HDF5 looks for it: at 0, or behind a user block of 512, 1024, … bytes."""
    places = [0, *(512 << power for power in range(54))]
    return any(file.read_at(place, 8) == SIGNATURE for place in places if place + 8 <= file.size)
