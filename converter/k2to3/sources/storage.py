"""How a dataset is stored, and whether that is honest: inside the child process."""

from __future__ import annotations

import math

import h5py

from k2to3.dataclass import dataclass
from k2to3.errors import UnsafeFile
from k2to3.limits import Limits, too_much

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


@dataclass(frozen=True)
class Storage:
    """What the header of a dataset says.

    `nbytes` are those that it declares, 0 for texts, which no weight is; `place` counts from the beginning of the
    file, where all lies in one piece.
    """

    kind: h5py.h5t.TypeID
    shape: tuple[int, ...] | None
    nbytes: int
    place: int | None
    text: bool


def checked(name: str, dataset: h5py.h5d.DatasetID, file_size: int, limits: Limits) -> Storage:
    """How a dataset is stored.

    Raises:
        UnsafeFile: elsewhere, by an unknown filter, in a type that crashes HDF5, or not as large as it declares.
    """
    kind, shape, place = dataset.get_type(), dataset.shape, dataset.get_offset()
    if kind.get_class() in (h5py.h5t.REFERENCE, h5py.h5t.VLEN):
        raise UnsafeFile(f"dataset {name} holds references or variable-length data")
    # What has a place lies in one piece in this file, and passes no filter.
    plist = None if place is not None else _pieces(name, dataset)
    # Notes of other programs: no weight is a text, so nothing reads it.
    text = isinstance(kind, h5py.h5t.TypeStringID) and kind.is_variable_str()
    declared = 0 if shape is None or text else math.prod(map(int, shape)) * int(kind.get_size())
    if declared:
        _check_size(name, dataset, declared, file_size, plist is not None and plist.get_nfilters() > 0)
        if plist is not None and plist.get_layout() == h5py.h5d.CHUNKED:
            _check_chunks(name, dataset, plist.get_chunk(), limits)
    return Storage(kind, shape, declared, None if place is None else int(place), text)


def _pieces(name: str, dataset: h5py.h5d.DatasetID) -> h5py.h5p.PropDCID:
    plist = dataset.get_create_plist()
    if plist.get_external_count() > 0:
        raise UnsafeFile(f"dataset {name} keeps its data in another file (external storage)")
    if plist.get_layout() == h5py.h5d.VIRTUAL:
        raise UnsafeFile(f"dataset {name} is virtual (its data is in other datasets)")
    if any(plist.get_filter(index)[0] not in FILTERS for index in range(plist.get_nfilters())):
        raise UnsafeFile(f"dataset {name} uses an unknown filter")
    return plist


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
