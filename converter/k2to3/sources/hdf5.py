"""Opening an HDF5 file that may be hostile.

Every file is first opened in a child process with limits (`examine`): it follows every link, checks every
object, reads every attribute and unpacks every compressed array, so that a crash, an endless loop or a bomb of
the HDF5 library ends the child. Only then is the file opened here.

Sources of the rules: CVE-2026-1669 (external storage), GHSA-27f4-p4xq-cxg8 (links),
keras PR 22081 and 22976 (shape bombs, virtual datasets).
"""

from __future__ import annotations

import os
from pathlib import Path

import h5py

from k2to3.errors import NotKeras2
from k2to3.isolation.child import Budget, survives
from k2to3.limits import DEFAULT, Limits
from k2to3.sources.examine import damage, examine
from k2to3.sources.opened import OpenedFile, Part, open_file

SIGNATURE = b"\x89HDF\r\n\x1a\n"
# Seconds without a step mean a loop; an honest file of the smallest arrays takes a second for a megabyte.
STEP, SECONDS, BYTES_PER_SECOND = 1.0, 10, 128 << 10
# HDF5, h5py and Python hold a long text several times.
MEMORY, TEXTS = 64 << 20, 4


def open_hdf5(path: Path, limits: Limits = DEFAULT) -> h5py.File:
    """As `open_examined`, for a file that nobody else reads."""
    file = open_file(path)
    try:
        return open_examined(file, limits)
    finally:
        file.close()


def open_examined(file: OpenedFile, limits: Limits = DEFAULT) -> h5py.File:
    """Examine an opened file in a child, then open it with h5py.

    Raises:
        NotKeras2: not HDF5, or damaged.
        UnsafeFile: links out of the file, external or virtual storage, bombs; it crashes HDF5 or never ends.
        FileError: another file took its name meanwhile.
    """
    if not is_hdf5(file):
        raise NotKeras2("not an HDF5 file" if file.size else "the file is empty")
    look(file, 0, file.size, limits)
    with damage():
        handle = h5py.File(file.path, "r", locking=False)
    try:
        if os.name == "posix":
            # The default driver is a plain descriptor, which tells whether it is the file that was examined.
            file.check_same(handle.id.get_vfd_handle())
        file.check_unchanged()
    except BaseException:
        handle.close()
        raise
    return handle


def open_part(file: OpenedFile, offset: int, size: int, limits: Limits = DEFAULT, *, own: bool = False) -> h5py.File:
    """As `open_examined`, for an HDF5 file that fills `size` bytes of `file` from `offset` on.

    `own`: this process has just written it, so there is nothing to examine.
    """
    if not own:
        look(file, offset, size, limits)
    with damage():
        return h5py.File(Part(file, offset, size), "r")


def look(file: OpenedFile, offset: int, size: int, limits: Limits) -> None:
    """Examine in a child process.

    Raises:
        K2to3Error: what it found.
    """
    budget = Budget(STEP, SECONDS + size // BYTES_PER_SECOND, MEMORY + TEXTS * limits.config_bytes)
    job = {"path": os.fspath(file.path.absolute()), "offset": offset, "size": size, "limits": vars(limits)}
    survives(lambda tick: examine(file, offset, size, limits, tick), "k2to3.sources.examine_worker", job, budget)


def is_hdf5(file: OpenedFile) -> bool:
    """Whether the signature stands where HDF5 looks for it: at 0, or behind a user block of 512, 1024, … bytes."""
    places = [0, *(512 << power for power in range(54))]
    return any(file.read_at(place, 8) == SIGNATURE for place in places if place + 8 <= file.size)
