"""The wire format of protobuf: a message as numbered fields, nothing more.

A dozen fields of a few messages are wanted (`messages.py`), so that generated code, which comes with TensorFlow, or a
library that needs the descriptors, would be more than what is read here.
Source: https://protobuf.dev/programming-guides/encoding
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from k2to3.dataclass import dataclass
from k2to3.errors import BadConfig, Damaged
from k2to3.limits import too_much
from k2to3.sources.opened import OpenedFile

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
# Ten groups of seven bits hold 64.
VARINT_BYTES = 10
# Fields of one message; a graph of a million objects is none of Keras's.
MOST = 1_000_000
HEADER_BYTES = 2 * VARINT_BYTES


@dataclass(frozen=True)
class Span:
    """Where the value of a field lies in a file."""

    number: int
    start: int
    size: int


def varint(data: bytes | memoryview, position: int) -> tuple[int, int]:
    """(value, position behind it).

    Raises:
        Damaged: it does not end, or is longer than 64 bits.
    """
    found = 0
    for index in range(VARINT_BYTES):
        if position + index >= len(data):
            raise Damaged("a damaged message: a number goes on behind the end")
        byte = data[position + index]
        found |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return found & 0xFFFF_FFFF_FFFF_FFFF, position + index + 1
    raise Damaged("a damaged message: a number does not end")


def fields(data: bytes, most: int = MOST) -> Iterator[tuple[int, int | bytes]]:
    """(number, value) of every field of a message in memory.

    Raises:
        Damaged: a field is longer than the message, or of a type that protobuf does not have.
        UnsafeFile: more than `most` fields.
    """
    position, end, left = 0, len(data), most
    while position < end:
        left -= 1
        if left < 0:
            raise too_much("containers", f"a message of more than {most} parts")
        tag, position = varint(data, position)
        kind = tag & 7
        if kind == VARINT:
            value, position = varint(data, position)
            yield tag >> 3, value
            continue
        size, position = _size(kind, data, position)
        if size > end - position:
            raise Damaged("a damaged message: a field is longer than what it stands in")
        piece = data[position : position + size]
        position += size
        yield tag >> 3, piece if kind == BYTES else int.from_bytes(piece, "little")


def _size(kind: int, data: bytes, position: int) -> tuple[int, int]:
    if kind == BYTES:
        return varint(data, position)
    if kind in (FIXED64, FIXED32):
        return (8 if kind == FIXED64 else 4), position
    raise Damaged(f"a damaged message: there is no field of type {kind}")


def spans(file: OpenedFile, start: int, size: int, most: int) -> Iterator[Span]:
    """The fields that hold bytes in a part of a file, found without reading what is in them.

    Raises:
        Damaged: see `fields`. UnsafeFile: more than `most` fields.
    """
    position, end, left = start, start + size, most
    while position < end:
        left -= 1
        if left < 0:
            raise too_much("objects", f"a message of more than {most} parts")
        head = file.read_at(position, min(HEADER_BYTES, end - position))
        tag, used = varint(head, 0)
        if tag & 7 == VARINT:
            _, used = varint(head, used)
            position += used
            continue
        length, used = _size(tag & 7, head, used)
        if length > end - position - used:
            raise Damaged("a damaged message: a field is longer than what it stands in")
        if tag & 7 == BYTES:
            yield Span(tag >> 3, position + used, length)
        position += used + length


def text(value: int | bytes) -> str:
    """A field that must be text.

    Raises:
        BadConfig: it is no UTF-8. Damaged: it is a number.
    """
    try:
        return message(value).decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadConfig("a text in the file is not UTF-8") from error


def message(value: int | bytes) -> bytes:
    """A field that must be a message or text."""
    if isinstance(value, int):
        raise Damaged("a damaged message: a number where a message belongs")
    return value


def number(value: int | bytes) -> int:
    """A field that must be a whole number, as protobuf's signed types mean it."""
    if not isinstance(value, int):
        raise Damaged("a damaged message: a message where a number belongs")
    signed: int = struct.unpack("<q", struct.pack("<Q", value & 0xFFFF_FFFF_FFFF_FFFF))[0]
    return signed


def entry(data: bytes) -> tuple[bytes, bytes]:
    """(key, value) of an entry of a map; both are text or messages."""
    found = dict(fields(data))
    return message(found.get(1, b"")), message(found.get(2, b""))


def numbers(value: int | bytes) -> Iterator[int]:
    """A field of which there may be many: one number, or all of them in one field."""
    if isinstance(value, int):
        yield number(value)
        return
    position = 0
    while position < len(value):
        found, position = varint(value, position)
        yield number(found)
