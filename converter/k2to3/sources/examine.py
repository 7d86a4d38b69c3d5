"""Going through all of an HDF5 file once, inside a child process that may crash."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager

import h5py
import numpy as np

from k2to3.errors import NotKeras2, UnsafeFile
from k2to3.isolation.child import Tick, first_line
from k2to3.limits import Limits, too_much
from k2to3.sources.attributes import READ
from k2to3.sources.heaps import Extent, check_heaps
from k2to3.sources.opened import OpenedFile, Part
from k2to3.sources.tensors import Array, rows_of

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
LINKS = {h5py.h5l.TYPE_SOFT: "soft link", h5py.h5l.TYPE_EXTERNAL: "external link"}
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
        found = check_tree(h5py.h5g.open(root.id, b"/"), size, limits, tick)
        extents = [(offset + start, length) for start, length in found]
        check_heaps(file, [(0, offset), *extents, (offset + size, file.size - offset - size)])


def check_tree(root: h5py.h5g.GroupID, stored: int, limits: Limits, tick: Tick = _idle) -> list[Extent]:
    """Refuse links, foreign storage and bombs anywhere in the file; `stored` is its size in bytes.

    h5py's identifiers, not its objects: those take five times as long, and models have many small arrays.

    Returns:
        Where the raw data of contiguous datasets are.
    """
    extents: list[Extent] = []
    total = 0
    _read_attributes(root, limits)
    for count, (path, item) in enumerate(_walk(root, limits)):
        tick()
        if count > limits.objects:
            raise too_much("objects", f"more than {limits.objects} objects in the file")
        if not isinstance(item, (h5py.h5g.GroupID, h5py.h5d.DatasetID)):
            # A named type: nothing reads it.
            continue
        _read_attributes(item, limits)
        if isinstance(item, h5py.h5d.DatasetID):
            total += check_dataset(_text(path), item, stored, limits)
            if total > limits.expanded(stored):
                raise too_much("expansion", f"{stored} bytes hold arrays of more than {limits.expanded(stored)} bytes")
            place = item.get_offset()
            if not _numeric(item):
                continue
            if place is not None:
                extents.append((int(place), int(item.get_storage_size())))
            else:
                _unpack(h5py.Dataset(item), tick)
    return extents


def _walk(root: h5py.h5g.GroupID, limits: Limits) -> Iterator[tuple[bytes, object]]:
    seen: set[int] = set()
    stack: list[tuple[h5py.h5g.GroupID, bytes, int]] = [(root, b"", 0)]
    while stack:
        parent, path, depth = stack.pop()
        address = h5py.h5o.get_info(parent).addr
        if address in seen:
            continue
        seen.add(address)
        if depth > MAX_DEPTH:
            raise UnsafeFile(f"groups nested deeper than {MAX_DEPTH}")
        for name, kind in _links(parent, limits):
            inner = path + b"/" + name
            if kind != h5py.h5l.TYPE_HARD:
                word = LINKS.get(kind, "user-defined link")
                raise UnsafeFile(f"{word} at {_text(inner)}: a checkpoint must not point elsewhere")
            child = h5py.h5o.open(parent, name)
            if isinstance(child, h5py.h5g.GroupID):
                stack.append((child, inner, depth + 1))
            yield inner, child


def _links(group: h5py.h5g.GroupID, limits: Limits) -> list[tuple[bytes, int]]:
    """Name and type of each link; following none."""
    found: list[tuple[bytes, int]] = []

    def note(name: bytes, info: h5py.h5l.LinkInfo) -> bool | None:
        found.append((name, info.type))
        return True if len(found) > limits.objects else None

    if len(group):
        group.links.iterate(note, info=True)
    return found


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")


def _read_attributes(item: h5py.h5g.GroupID | h5py.h5d.DatasetID, limits: Limits) -> None:
    names: list[bytes] = []
    # A callback that returns nothing goes on.
    h5py.h5a.iterate(item, lambda name, *_: names.append(name))
    for name in names:
        attribute = h5py.h5a.open(item, name)
        kind, space = attribute.get_type(), attribute.get_space()
        declared = kind.get_size() * max(1, space.get_simple_extent_npoints())
        if declared > limits.config_bytes * 2:
            raise too_much("config_bytes", f"attribute {_text(name)!r} declares {declared} bytes")
        # Others (references of dimension scales) are never read, here or later.
        if kind.get_class() in READ and space.get_simple_extent_type() != h5py.h5s.NULL:
            value = np.zeros(attribute.shape, attribute.dtype)
            attribute.read(value)
            _check_text(name, value, limits)


def _check_text(name: bytes, value: Array, limits: Limits) -> None:
    longest = max((len(item) for item in value.ravel() if isinstance(item, (str, bytes))), default=0)
    if longest > limits.config_bytes:
        raise too_much("config_bytes", f"attribute {_text(name)!r} is longer than {limits.config_bytes} bytes")


def check_dataset(name: str, dataset: h5py.h5d.DatasetID, stored: int, limits: Limits) -> int:
    """Check storage, element type, filters and declared size of one dataset; returns that size."""
    plist = dataset.get_create_plist()
    if plist.get_external_count() > 0:
        raise UnsafeFile(f"dataset {name} keeps its data in another file (external storage)")
    layout, filters = plist.get_layout(), plist.get_nfilters()
    if layout == h5py.h5d.VIRTUAL:
        raise UnsafeFile(f"dataset {name} is virtual (its data is in other datasets)")
    if any(plist.get_filter(index)[0] not in FILTERS for index in range(filters)):
        raise UnsafeFile(f"dataset {name} uses an unknown filter")
    kind, shape = dataset.get_type(), dataset.shape
    if kind.get_class() in (h5py.h5t.REFERENCE, h5py.h5t.VLEN):
        raise UnsafeFile(f"dataset {name} holds references or variable-length data")
    if not _numeric(dataset):
        # Notes of other programs: no weight is a text, so nothing reads it.
        return 0
    declared = 0 if shape is None else math.prod(map(int, shape)) * int(kind.get_size())
    if declared:
        _check_size(name, dataset, declared, stored, filters > 0)
        if layout == h5py.h5d.CHUNKED:
            _check_chunks(name, dataset, plist.get_chunk(), limits)
    return declared


def _check_size(name: str, dataset: h5py.h5d.DatasetID, declared: int, file_size: int, filtered: bool) -> None:
    stored = dataset.get_storage_size()
    if stored == 0:
        raise UnsafeFile(f"dataset {name} declares {declared} bytes but stores none")
    if stored > file_size:
        raise UnsafeFile(f"dataset {name} declares more bytes than the file has")
    if not filtered and stored < declared:
        raise UnsafeFile(f"dataset {name} declares {declared} bytes but stores {stored}")


def _check_chunks(name: str, dataset: h5py.h5d.DatasetID, chunk: tuple[int, ...], limits: Limits) -> None:
    size = int(dataset.get_type().get_size())
    count = 1
    for extent, step in zip(dataset.shape, chunk, strict=True):
        size *= int(step)
        count *= -(-int(extent) // int(step))
    if size > limits.chunk_bytes:
        raise too_much("chunk_bytes", f"dataset {name} is stored in pieces of {size} bytes")
    if dataset.get_num_chunks() != count:
        raise UnsafeFile(f"dataset {name} stores {dataset.get_num_chunks()} of its {count} pieces")


def _numeric(dataset: h5py.h5d.DatasetID) -> bool:
    kind = dataset.get_type()
    return not (isinstance(kind, h5py.h5t.TypeStringID) and kind.is_variable_str())


def _unpack(dataset: h5py.Dataset, tick: Tick) -> None:
    if dataset.shape is None:
        return
    for _ in rows_of(dataset):
        tick()
