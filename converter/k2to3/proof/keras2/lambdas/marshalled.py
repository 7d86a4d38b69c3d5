"""A code object as Python's marshal wrote it (2.7 to 3.11), read as data.

Python/marshal.c. Code objects hold 4 numbers first in Python 2.7, 5 in 3.0 to 3.7 and in 3.11, 6 in 3.8 to 3.10.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

from k2to3.errors import NotSpecified

MAX_ITEMS = 10_000


@dataclass(frozen=True)
class Code:
    """`python` is the oldest version with that layout."""

    python: tuple[int, int]
    arguments: int
    code: bytes
    consts: tuple[Any, ...]
    names: tuple[str, ...]
    variables: tuple[str, ...]
    free: tuple[str, ...]


def read_code(data: bytes) -> Code:
    """The outermost code object.

    Raises:
        NotSpecified: nothing that a Python in that range wrote.
    """
    for numbers in (4, 5, 6):
        try:
            reader = _Reader(data, numbers)
            found = reader.value()
        except (IndexError, struct.error, UnicodeDecodeError, _Damaged):
            continue
        if isinstance(found, Code) and reader.at == len(data):
            return found
    raise NotSpecified("a code object that cannot be read")


class _Damaged(Exception):
    """Not of this layout."""


class _Reader:
    def __init__(self, data: bytes, numbers: int) -> None:
        self.data = data
        self.numbers = numbers
        self.at = 0
        self.refs: list[Any] = []
        self.interned: list[Any] = []

    def take(self, count: int) -> bytes:
        if count < 0 or self.at + count > len(self.data):
            raise _Damaged
        self.at += count
        return self.data[self.at - count : self.at]

    def long(self) -> int:
        return int(struct.unpack("<i", self.take(4))[0])

    def value(self) -> Any:
        tag = self.take(1)[0]
        kind, flagged = chr(tag & 0x7F), bool(tag & 0x80)
        if kind == "r":
            return self.refs[self.long()]
        if kind == "R":
            return self.interned[self.long()]
        place = len(self.refs)
        if flagged:
            self.refs.append(None)
        found = self.of(kind)
        if flagged:
            self.refs[place] = found
        return found

    def of(self, kind: str) -> Any:
        if kind in CONSTANTS:
            return CONSTANTS[kind]
        if kind == "i":
            return self.long()
        if kind == "g":
            return struct.unpack("<d", self.take(8))[0]
        if kind == "l":
            return self.big()
        if kind in "su":
            return self.text(kind, self.take(self.long()))
        if kind in "taA":
            found = self.text(kind, self.take(self.long()))
            self.interned.append(found)
            return found
        if kind in "zZ":
            return self.take(self.take(1)[0]).decode("ascii")
        if kind in "()[":
            return tuple(self.value() for _ in range(self.count(kind)))
        if kind == "c":
            return self.code()
        raise _Damaged

    def text(self, kind: str, raw: bytes) -> Any:
        if kind == "s":
            return raw
        return raw.decode("utf-8", "surrogatepass")

    def count(self, kind: str) -> int:
        found = self.take(1)[0] if kind == ")" else self.long()
        if not 0 <= found <= MAX_ITEMS:
            raise _Damaged
        return found

    def big(self) -> int:
        count = self.long()
        digits = [int(struct.unpack("<h", self.take(2))[0]) for _ in range(abs(count))]
        found = sum(digit << (15 * n) for n, digit in enumerate(digits))
        return -found if count < 0 else found

    def code(self) -> Code:
        numbers = [self.long() for _ in range(self.numbers)]
        code, consts, names, variables = (self.value() for _ in range(4))
        fifth = self.value()
        if not isinstance(code, bytes) or not isinstance(consts, tuple):
            raise _Damaged
        if self.numbers == 5 and isinstance(fifth, bytes):
            return self.new(numbers, code, consts, names, variables, fifth)
        cells = self.value()
        self.rest("ss", 1)
        version = {4: (2, 7), 5: (3, 0), 6: (3, 8)}[self.numbers]
        return Code(version, numbers[0], code, consts, _texts(names), _texts(variables), _texts(cells) + _texts(fifth))

    def new(self, numbers: list[int], code: bytes, consts: Any, names: Any, local: Any, kinds: bytes) -> Code:
        """Python 3.11: locals, cells and free variables in one list."""
        self.rest("sss", 2)
        return Code((3, 11), numbers[0], code, consts, _texts(names), _texts(local), _texts(local))

    def rest(self, texts: str, tables: int) -> None:
        for _ in texts:
            self.value()
        self.long()
        for _ in range(tables):
            self.value()


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, tuple):
        raise _Damaged
    return tuple(x.decode("latin-1") if isinstance(x, bytes) else str(x) for x in value)


CONSTANTS: dict[str, Any] = {"N": None, "T": True, "F": False, ".": ..., "S": StopIteration}
