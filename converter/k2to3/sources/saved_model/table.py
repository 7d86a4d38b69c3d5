"""A table of TensorFlow's (LevelDB's): sorted keys and values in blocks, an index of blocks, a footer.

Sources: https://github.com/google/leveldb/blob/main/doc/table_format.md, tensorflow/core/lib/io/{format,block}.cc
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from k2to3.errors import Damaged, UnsafeFile
from k2to3.limits import Limits, too_much
from k2to3.sources.opened import OpenedFile
from k2to3.sources.saved_model.checksum import crc32c, masked
from k2to3.sources.saved_model.index_file import FOOTER, is_table
from k2to3.sources.saved_model.snappy import unpacked
from k2to3.sources.saved_model.wire import varint

# How a block is packed, and its checksum.
TRAILER = 5
PLAIN, SNAPPY = 0, 1
# TensorFlow cuts blocks at 256 KB.
MAX_BLOCK = 4 << 20
Handle = tuple[int, int]


def read_table(file: OpenedFile, limits: Limits) -> dict[bytes, bytes]:
    """Every entry.

    Raises:
        Damaged: no table, a checksum that is wrong, keys that are not in order, blocks that overlap.
        UnsafeFile: too many entries, or too much in them.
    """
    if not is_table(file):
        raise Damaged("does not end as an index of tensors does: it was cut off, or is another file")
    footer = file.read_at(file.size - FOOTER, FOOTER)
    _, _, position = _handle(footer, 0)
    offset, size, _ = _handle(footer, position)
    found: dict[bytes, bytes] = {}
    total, end, last = 0, 0, b""
    for _, value in _entries(_block(file, (offset, size))):
        start, length, _ = _handle(value, 0)
        if start < end:
            raise Damaged("a damaged index of tensors: its blocks overlap")
        end = start + length + TRAILER
        block = _block(file, (start, length))
        total += len(block)
        if total > limits.expanded(file.size):
            raise too_much("expansion", f"an index of {total} bytes in a file of {file.size}")
        for key, content in _entries(block):
            if found and key <= last:
                raise Damaged("a damaged index of tensors: its names are not in order")
            found[key], last = content, key
            if len(found) > limits.tensors:
                raise too_much("tensors", f"more than {limits.tensors} tensors")
            if len(key) > limits.name_bytes:
                raise too_much("name_bytes", f"the name of a tensor is longer than {limits.name_bytes} bytes")
    return found


def _handle(data: bytes, position: int) -> tuple[int, int, int]:
    """(offset, size, position behind)."""
    offset, position = varint(data, position)
    size, position = varint(data, position)
    return offset, size, position


def _block(file: OpenedFile, handle: Handle) -> bytes:
    offset, size = handle
    if offset + size + TRAILER > file.size - FOOTER:
        raise Damaged("a damaged index of tensors: a block lies outside of the file")
    if size > MAX_BLOCK:
        raise UnsafeFile(f"an index of tensors with a block of {size} bytes, where TensorFlow cuts at 262144")
    data = file.read_at(offset, size + TRAILER)
    if len(data) != size + TRAILER:
        raise Damaged("a damaged index of tensors: the file became shorter")
    if masked(crc32c([data[: size + 1]])) != int.from_bytes(data[size + 1 :], "little"):
        raise Damaged("a damaged index of tensors: a checksum is wrong")
    if data[size] == PLAIN:
        return data[:size]
    if data[size] != SNAPPY:
        raise Damaged(f"a damaged index of tensors: a block is packed in an unknown way ({data[size]})")
    return unpacked(data[:size], MAX_BLOCK)


def _entries(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """A key says how much of it is that of the one before."""
    if len(block) < 4:
        raise Damaged("a damaged index of tensors: an empty block")
    (restarts,) = struct.unpack_from("<I", block, len(block) - 4)
    end = len(block) - 4 - 4 * restarts
    if end < 0:
        raise Damaged("a damaged index of tensors: a block is shorter than it says")
    position, key = 0, b""
    while position < end:
        shared, position = varint(block, position)
        own, position = varint(block, position)
        length, position = varint(block, position)
        if shared > len(key) or own + length > end - position:
            raise Damaged("a damaged index of tensors: an entry is longer than its block")
        key = key[:shared] + block[position : position + own]
        position += own
        yield key, block[position : position + length]
        position += length
