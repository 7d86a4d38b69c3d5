"""Decoding snappy, which LevelDB tables may be packed with; TensorFlow itself never packs an index.

Source: https://github.com/google/snappy/blob/main/format_description.txt
"""

from __future__ import annotations

from k2to3.errors import Damaged, UnsafeFile
from k2to3.sources.saved_model.wire import varint


def unpacked(data: bytes, most: int) -> bytes:
    """The content of a packed block.

    Raises:
        UnsafeFile: longer than `most`. Damaged: no snappy.
    """
    size, position = varint(data, 0)
    if size > most:
        raise UnsafeFile(f"a packed block of {size} bytes, where there is room for {most}")
    found = bytearray()
    while position < len(data):
        tag = data[position]
        position += 1
        if tag & 3 == 0:
            length, position = _literal(data, tag >> 2, position)
            if length > len(data) - position:
                raise Damaged("a damaged block: it ends too early")
            piece, position = data[position : position + length], position + length
        else:
            length, distance, position = _copy(data, tag, position)
            piece = _repeated(found, distance, length)
        if len(found) + length > size:
            raise Damaged("a damaged block: it is longer than it says")
        found += piece
    if len(found) != size:
        raise Damaged("a damaged block: it is shorter than it says")
    return bytes(found)


def _literal(data: bytes, short: int, position: int) -> tuple[int, int]:
    if short < 60:
        return short + 1, position
    count = short - 59
    return _number(data, position, count) + 1, position + count


def _copy(data: bytes, tag: int, position: int) -> tuple[int, int, int]:
    """(length, distance, position behind)."""
    if tag & 3 == 1:
        return (tag >> 2 & 7) + 4, (tag >> 5) << 8 | _number(data, position, 1), position + 1
    count = 2 if tag & 3 == 2 else 4
    return (tag >> 2) + 1, _number(data, position, count), position + count


def _number(data: bytes, position: int, count: int) -> int:
    if position + count > len(data):
        raise Damaged("a damaged block: it ends too early")
    return int.from_bytes(data[position : position + count], "little")


def _repeated(found: bytearray, distance: int, length: int) -> bytes:
    if not 0 < distance <= len(found):
        raise Damaged("a damaged block: it repeats what is not there")
    start = len(found) - distance
    piece = bytes(found[start : start + length])
    # What is repeated may overlap what it becomes.
    return (piece * (length // len(piece) + 1))[:length]
