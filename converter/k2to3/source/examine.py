"""Going through all of an HDF5 file once, inside a child process that may crash."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import h5py

from k2to3.errors import NotKeras2, UnsafeFile
from k2to3.isolation.child import Tick, first_line
from k2to3.limits import Limits, too_much
from k2to3.source.attributes import READ
from k2to3.source.heaps import Extent, check_heaps
from k2to3.source.opened import OpenedFile, Part
from k2to3.source.tensors import rows_of

MAX_DEPTH = 64
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
DAMAGED = (OSError, RuntimeError, KeyError, ValueError, TypeError, OverflowError)
"""What h5py raises for structures that HDF5 itself finds damaged."""
NO_MEMORY = re.compile("memory allocation failed|unable to allocate|can't allocate")


def _idle() -> None:
    return


@contextmanager
def damage() -> Iterator[None]:
    """Errors of h5py as one of ours.

    Raises:
        NotKeras2: the HDF5 library finds the file damaged.
        UnsafeFile: it asked for memory that it did not get.
    """
    try:
        yield
    except DAMAGED as error:
        if NO_MEMORY.search(str(error)):
            raise too_much("config_bytes", f"asks for more memory than an honest file: {first_line(error)}") from error
        raise NotKeras2(f"damaged HDF5 file: {first_line(error)}") from error


def examine(file: OpenedFile, offset: int, size: int, limits: Limits, tick: Tick = _idle) -> None:
    """Check every object; read all attributes and unpack all arrays that are stored in pieces.

    `tick` is called at every step.

    Raises:
        NotKeras2: damaged. UnsafeFile: links out of the file, foreign storage, bombs.
    """
    whole = offset == 0 and size == file.size
    with damage(), h5py.File(file.path if whole else Part(file, offset, size), "r", locking=False) as root:
        extents = [(offset + start, length) for start, length in check_tree(root, size, limits, tick)]
        check_heaps(file, [(0, offset), *extents, (offset + size, file.size - offset - size)])


def check_tree(root: h5py.Group, stored: int, limits: Limits, tick: Tick = _idle) -> list[Extent]:
    """Refuse links, foreign storage and bombs anywhere in the file; `stored` is its size in bytes.

    Returns:
        Where the raw data of contiguous datasets are.
    """
    extents: list[Extent] = []
    total = 0
    _read_attributes(root, limits)
    for count, (name, item) in enumerate(_walk(root)):
        tick()
        if count > limits.objects:
            raise too_much("objects", f"more than {limits.objects} objects in the file")
        if not isinstance(item, (h5py.Group, h5py.Dataset)):
            # A named type: nothing reads it.
            continue
        _read_attributes(item, limits)
        if isinstance(item, h5py.Dataset):
            total += check_dataset(name, item, stored, limits)
            if total > limits.expanded(stored):
                raise too_much("expansion", f"{stored} bytes hold arrays of more than {limits.expanded(stored)} bytes")
            place = item.id.get_offset()
            if place is not None:
                extents.append((int(place), int(item.id.get_storage_size())))
            else:
                _unpack(item, tick)
    return extents


def _walk(group: h5py.Group) -> Iterator[tuple[str, object]]:
    seen: set[int] = set()
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
    kind = parent.id.links.get_info(name.encode("utf-8", "surrogateescape")).type
    if kind != h5py.h5l.TYPE_HARD:
        word = {h5py.h5l.TYPE_SOFT: "soft link", h5py.h5l.TYPE_EXTERNAL: "external link"}.get(kind, "user-defined link")
        raise UnsafeFile(f"{word} at {path}: a checkpoint must not point elsewhere")


def _read_attributes(item: h5py.Group | h5py.Dataset, limits: Limits) -> None:
    for name in item.attrs:
        found = h5py.h5a.open(item.id, name.encode("utf-8", "surrogateescape"))
        kind = found.get_type()
        declared = kind.get_size() * max(1, found.get_space().get_simple_extent_npoints())
        if declared > limits.config_bytes * 2:
            raise too_much("config_bytes", f"attribute {name!r} declares {declared} bytes")
        # Others (references of dimension scales) are never read, here or later.
        if kind.get_class() in READ:
            _check_text(name, item.attrs[name], limits)


def _check_text(name: str, value: object, limits: Limits) -> None:
    if isinstance(value, (str, bytes)) and len(value) > limits.config_bytes:
        raise too_much("config_bytes", f"attribute {name!r} is longer than {limits.config_bytes} bytes")


def check_dataset(name: str, dataset: h5py.Dataset, stored: int, limits: Limits) -> int:
    """Check storage, element type, filters and declared size of one dataset; returns that size."""
    plist = dataset.id.get_create_plist()
    if plist.get_external_count() > 0:
        raise UnsafeFile(f"dataset {name} keeps its data in another file (external storage)")
    if plist.get_layout() == h5py.h5d.VIRTUAL:
        raise UnsafeFile(f"dataset {name} is virtual (its data is in other datasets)")
    for index in range(plist.get_nfilters()):
        if plist.get_filter(index)[0] not in FILTERS:
            raise UnsafeFile(f"dataset {name} uses an unknown filter")
    kind = dataset.id.get_type()
    text = isinstance(kind, h5py.h5t.TypeStringID) and kind.is_variable_str()
    if text or kind.get_class() in (h5py.h5t.REFERENCE, h5py.h5t.VLEN):
        raise UnsafeFile(f"dataset {name} holds references or variable-length data")
    declared = _declared_bytes(dataset)
    if declared:
        _check_size(name, dataset, declared, stored)
        if plist.get_layout() == h5py.h5d.CHUNKED:
            _check_chunks(name, dataset, plist, limits)
    return declared


def _check_size(name: str, dataset: h5py.Dataset, declared: int, file_size: int) -> None:
    stored = dataset.id.get_storage_size()
    if stored == 0:
        raise UnsafeFile(f"dataset {name} declares {declared} bytes but stores none")
    if stored > file_size:
        raise UnsafeFile(f"dataset {name} declares more bytes than the file has")
    if dataset.id.get_create_plist().get_nfilters() == 0 and stored < declared:
        raise UnsafeFile(f"dataset {name} declares {declared} bytes but stores {stored}")


def _check_chunks(name: str, dataset: h5py.Dataset, plist: h5py.h5p.PropDCID, limits: Limits) -> None:
    chunk = plist.get_chunk()
    size = int(dataset.id.get_type().get_size())
    count = 1
    for extent, step in zip(dataset.shape, chunk, strict=True):
        size *= int(step)
        count *= -(-int(extent) // int(step))
    if size > limits.chunk_bytes:
        raise too_much("chunk_bytes", f"dataset {name} is stored in pieces of {size} bytes")
    if dataset.id.get_num_chunks() != count:
        raise UnsafeFile(f"dataset {name} stores {dataset.id.get_num_chunks()} of its {count} pieces")


def _unpack(dataset: h5py.Dataset, tick: Tick) -> None:
    for _ in rows_of(dataset):
        tick()


def _declared_bytes(dataset: h5py.Dataset) -> int:
    if dataset.shape is None:
        return 0
    count = int(dataset.id.get_type().get_size())
    for extent in dataset.shape:
        count *= int(extent)
    return count
