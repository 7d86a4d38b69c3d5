"""Opening an HDF5 file that may be hostile.

Sources of the rules: CVE-2026-1669 (external storage), GHSA-27f4-p4xq-cxg8 (links),
keras PR 22081 and 22976 (shape bombs, virtual datasets).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import h5py

from k2to3.errors import FileError, NotKeras2, UnsafeFile
from k2to3.source.heaps import Extent, check_heaps
from k2to3.source.member import Member

MAX_OBJECTS = 500_000
MAX_DEPTH = 64
# gzip reaches about 1000:1 on constant data; more is a bomb.
MAX_RATIO = 1_100
RATIO_FLOOR = 1 << 26
FILTERS = frozenset(
    {
        h5py.h5z.FILTER_DEFLATE,
        h5py.h5z.FILTER_SHUFFLE,
        h5py.h5z.FILTER_FLETCHER32,
        h5py.h5z.FILTER_LZF,
        h5py.h5z.FILTER_SCALEOFFSET,
        h5py.h5z.FILTER_NBIT,
    }
)


def open_hdf5(path: Path) -> h5py.File:
    """Open `path` read-only and check every object in it before anything is read.

    Raises:
        FileError: missing, a directory, not readable.
        NotKeras2: not HDF5, or truncated.
        UnsafeFile: links out of the file, external or virtual storage, size bombs.
    """
    size = _readable_size(path)
    try:
        handle = h5py.File(path, "r", locking=False)
    except OSError as error:
        raise _not_hdf5(path, size, error) from error
    try:
        check_heaps(path, check_tree(handle, size))
    except BaseException as error:
        handle.close()
        if isinstance(error, (OSError, RuntimeError, KeyError, ValueError)):
            raise NotKeras2(f"damaged HDF5 file: {_first_line(error)}") from error
        raise
    return handle


def open_member(path: Path, offset: int, size: int, stack: ExitStack) -> h5py.File:
    """As `open_hdf5`, for an HDF5 file that fills `size` bytes of `path` from `offset` on.

    `stack` closes it.
    """
    file = stack.enter_context(path.open("rb"))
    try:
        handle = stack.enter_context(h5py.File(Member(file, offset, size), "r"))
        extents = [(offset + start, length) for start, length in check_tree(handle, size)]
        rest = path.stat().st_size - offset - size
        check_heaps(path, [(0, offset), *extents, (offset + size, rest)])
    except (OSError, RuntimeError, KeyError, ValueError) as error:
        raise NotKeras2(f"damaged HDF5 file: {_first_line(error)}") from error
    return handle


def _readable_size(path: Path) -> int:
    try:
        if path.is_dir():
            raise FileError("is a directory, not a file", file=str(path))
        with path.open("rb"):
            return path.stat().st_size
    except FileNotFoundError as error:
        raise FileError("no such file", file=str(path)) from error
    except OSError as error:
        raise FileError(f"cannot be read: {error.strerror}", file=str(path)) from error


def _not_hdf5(path: Path, size: int, error: OSError) -> NotKeras2:
    if size == 0:
        return NotKeras2("the file is empty")
    if not h5py.is_hdf5(os.fspath(path)):
        return NotKeras2("not an HDF5 file")
    return NotKeras2(f"damaged HDF5 file: {_first_line(error)}")


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


def check_tree(root: h5py.Group, file_size: int) -> list[Extent]:
    """Refuse links, foreign storage and size bombs anywhere in the file.

    Returns (offset, bytes) of every dataset that is stored in one piece.
    """
    seen: set[int] = set()
    extents: list[Extent] = []
    for count, (name, item) in enumerate(_walk(root, seen)):
        if count > MAX_OBJECTS:
            raise UnsafeFile(f"more than {MAX_OBJECTS} objects in the file")
        if isinstance(item, h5py.Dataset):
            check_dataset(name, item, file_size)
            offset = item.id.get_offset()
            if offset is not None:
                extents.append((int(offset), int(item.id.get_storage_size())))
    return extents


def _walk(group: h5py.Group, seen: set[int]) -> Iterator[tuple[str, object]]:
    stack: list[tuple[h5py.Group, int]] = [(group, 0)]
    while stack:
        parent, depth = stack.pop()
        address = h5py.h5o.get_info(parent.id).addr
        if address in seen:
            continue
        seen.add(address)
        if depth > MAX_DEPTH:
            raise UnsafeFile(f"groups nested deeper than {MAX_DEPTH}")
        for name in parent:
            path = f"{parent.name.rstrip('/')}/{name}"
            _check_link(parent, name, path)
            child = parent[name]
            if isinstance(child, h5py.Group):
                stack.append((child, depth + 1))
            yield path, child


def _check_link(parent: h5py.Group, name: str, path: str) -> None:
    kind = type(parent.get(name, getlink=True))
    if kind is not h5py.HardLink:
        word = "external link" if kind is h5py.ExternalLink else "soft link"
        raise UnsafeFile(f"{word} at {path}: a checkpoint must not point elsewhere")


def check_dataset(name: str, dataset: h5py.Dataset, file_size: int) -> None:
    """Check storage, element type, filters and declared size of one dataset."""
    plist = dataset.id.get_create_plist()
    if plist.get_external_count() > 0:
        raise UnsafeFile(f"dataset {name} keeps its data in another file (external storage)")
    if plist.get_layout() == h5py.h5d.VIRTUAL:
        raise UnsafeFile(f"dataset {name} is virtual (its data is in other datasets)")
    for index in range(plist.get_nfilters()):
        if plist.get_filter(index)[0] not in FILTERS:
            raise UnsafeFile(f"dataset {name} uses an unknown filter")
    if dataset.id.get_type().get_class() in (h5py.h5t.REFERENCE, h5py.h5t.VLEN):
        raise UnsafeFile(f"dataset {name} holds references or variable-length data")
    _check_size(name, dataset, file_size)


def _check_size(name: str, dataset: h5py.Dataset, file_size: int) -> None:
    declared = _declared_bytes(dataset)
    stored = dataset.id.get_storage_size()
    if declared == 0:
        return
    if stored == 0:
        raise UnsafeFile(f"dataset {name} declares {declared} bytes but stores none")
    if stored > file_size:
        raise UnsafeFile(f"dataset {name} declares more bytes than the file has")
    if declared > RATIO_FLOOR and declared > MAX_RATIO * stored:
        raise UnsafeFile(f"dataset {name} declares {declared} bytes but stores {stored}")


def _declared_bytes(dataset: h5py.Dataset) -> int:
    count = 1
    for extent in dataset.shape or ():
        count *= int(extent)
    if dataset.shape is None:
        return 0
    return count * int(dataset.id.get_type().get_size())
