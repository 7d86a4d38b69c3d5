"""Global heaps, where HDF5 keeps variable-length text such as `model_config`.

A heap whose free space claims to be empty sends the HDF5 library into an endless loop
(`H5HG__cache_heap_deserialize`), so every heap is walked here before any text is read.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator

from k2to3.errors import UnsafeFile
from k2to3.sources.opened import OpenedFile
from k2to3.sources.tree import Extent

SIGNATURE = b"GCOL"
HEADER = 16
OBJECT = 16


def check_heaps(file: OpenedFile, data: list[Extent]) -> None:
    """Walk every global heap outside the raw data of datasets.

    Args:
        data: (offset, bytes) of contiguous datasets, which are not searched.

    Raises:
        UnsafeFile: a heap that does not add up.
    """
    with mmap.mmap(file.descriptor, 0, access=mmap.ACCESS_READ) as view:
        for start, stop in _gaps(data, len(view)):
            position = view.find(SIGNATURE, start, stop)
            while position >= 0:
                _walk(view, position)
                position = view.find(SIGNATURE, position + 4, stop)


def _gaps(data: list[Extent], size: int) -> Iterator[Extent]:
    position = 0
    for offset, length in sorted(data):
        if offset > position:
            yield position, offset
        position = max(position, offset + length)
    if position < size:
        yield position, size


def _walk(view: mmap.mmap, start: int) -> None:
    if start + HEADER > len(view) or view[start + 4] != 1:
        return
    (size,) = struct.unpack_from("<Q", view, start + 8)
    end = start + size
    if size < HEADER or end > len(view):
        raise UnsafeFile("damaged HDF5 file: a global heap is larger than the file")
    position = start + HEADER
    while position + OBJECT <= end:
        index, _, _, length = struct.unpack_from("<HHIQ", view, position)
        # The free-space object (index 0) counts its own header; the others do not.
        step = length if index == 0 else OBJECT + (length + 7) // 8 * 8
        if step < OBJECT or step > end - position:
            raise UnsafeFile("damaged HDF5 file: a global heap does not add up")
        position += step
