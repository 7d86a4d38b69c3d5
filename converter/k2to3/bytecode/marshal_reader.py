"""A bounded reader of marshalled code objects.

CPython's own reader is for trusted data of its own version; this one reads those of
Python 2.7 and 3.4-3.14 into plain records and trusts nothing. Format: CPython,
Python/marshal.c; order of fields: `w_complex_object`, TYPE_CODE, of each version.
"""

from __future__ import annotations

import struct
from typing import Any

from k2to3.bytecode.code import Code
from k2to3.bytecode.marshal_code import Assembler, BadMarshal

MAX_BYTES = 200_000
MAX_OBJECTS = 20_000
MAX_DEPTH = 40
MAX_DIGITS = 64
LAYOUTS = ("3.11", "3.8", "3.4", "2.7")
INTEGERS = {
    "2.7": ("argcount", "nlocals", "stacksize", "flags"),
    "3.4": ("argcount", "kwonly", "nlocals", "stacksize", "flags"),
    "3.8": ("argcount", "posonly", "kwonly", "nlocals", "stacksize", "flags"),
    "3.11": ("argcount", "posonly", "kwonly", "stacksize", "flags"),
}
CLASSIC = ("code", "consts", "names", "varnames", "freevars", "cellvars", "filename", "name")
MODERN = ("code", "consts", "names", "varnames", "kinds", "filename", "name", "qualname")


def read_code(data: bytes) -> list[Code]:
    """The code object in `data`, once for each field order in which all of it makes sense.

    Raises:
        BadMarshal: in none.
    """
    if len(data) > MAX_BYTES:
        raise BadMarshal(f"its bytecode has {len(data)} bytes, more than {MAX_BYTES}")
    found: list[Code] = []
    problem = "it is empty"
    for layout in LAYOUTS:
        try:
            found.append(_Reader(data, layout).whole())
        except BadMarshal as error:
            problem = error.message
    if not found:
        raise BadMarshal(f"its bytecode is damaged: {problem}")
    return found


class _Reader:
    def __init__(self, data: bytes, layout: str) -> None:
        self.data = data
        self.layout = layout
        self.assembler = Assembler(layout)
        self.position = 0
        self.budget = MAX_OBJECTS
        self.refs: list[tuple[Any, int] | None] = []
        self.strings: list[str] = []
        self.python2 = self.assembler.python2

    def whole(self) -> Code:
        found = self.item(0)
        if not isinstance(found, Code):
            raise BadMarshal("it holds no code object")
        if self.position != len(self.data):
            raise BadMarshal(f"{len(self.data) - self.position} bytes follow the code object")
        return found

    def take(self, count: int) -> bytes:
        if count < 0 or count > len(self.data) - self.position:
            raise BadMarshal("it ends too early")
        start = self.position
        self.position += count
        return self.data[start : self.position]

    def byte(self) -> int:
        return self.take(1)[0]

    def long(self) -> int:
        return int(struct.unpack("<i", self.take(4))[0])

    def count(self) -> int:
        """A length; every element takes at least one byte."""
        found = self.long()
        if found < 0 or found > len(self.data) - self.position:
            raise BadMarshal("a length is larger than the data")
        return found

    def charge(self, amount: int = 1) -> None:
        self.budget -= amount
        if self.budget < 0:
            raise BadMarshal(f"it holds more than {MAX_OBJECTS} objects")

    def item(self, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise BadMarshal(f"objects nested deeper than {MAX_DEPTH}")
        self.charge()
        before = self.budget
        byte = self.byte()
        kind, flagged = chr(byte & 0x7F), bool(byte & 0x80)
        if flagged and self.python2:
            raise BadMarshal("an unknown type")
        slot = len(self.refs)
        if flagged:
            self.refs.append(None)
        found = self.value(kind, depth)
        if flagged:
            # A later reference counts in full: shared tuples must not multiply.
            self.refs[slot] = (found, before - self.budget + 1)
        return found

    def value(self, kind: str, depth: int) -> Any:
        if kind in CONSTANTS:
            return CONSTANTS[kind]
        reader = READERS.get(kind)
        if reader is None:
            raise BadMarshal(f"an object of type {kind!r}")
        return reader(self, depth)

    def reference(self, depth: int) -> Any:
        index = self.long()
        if self.python2 or not 0 <= index < len(self.refs):
            raise BadMarshal("a reference to nothing")
        entry = self.refs[index]
        if entry is None:
            raise BadMarshal("an object that contains itself")
        self.charge(entry[1])
        return entry[0]

    def string_reference(self, depth: int) -> str:
        index = self.long()
        if not self.python2 or not 0 <= index < len(self.strings):
            raise BadMarshal("a reference to nothing")
        return self.strings[index]

    def integer(self, depth: int) -> int:
        return self.long()

    def integer64(self, depth: int) -> int:
        return int(struct.unpack("<q", self.take(8))[0])

    def big(self, depth: int) -> int:
        size = self.long()
        if abs(size) > MAX_DIGITS:
            raise BadMarshal("a whole number of more than 960 bits")
        digits = struct.unpack(f"<{abs(size)}H", self.take(2 * abs(size)))
        if any(digit > 0x7FFF for digit in digits):
            raise BadMarshal("a damaged whole number")
        found = sum(int(digit) << (15 * place) for place, digit in enumerate(digits))
        return -found if size < 0 else found

    def number(self, depth: int) -> float:
        return float(struct.unpack("<d", self.take(8))[0])

    def number_text(self, depth: int) -> float:
        text = self.take(self.byte())
        try:
            return float(text)
        except ValueError as error:
            raise BadMarshal("a damaged number") from error

    def imaginary(self, depth: int) -> complex:
        return complex(self.number(depth), self.number(depth))

    def string(self, depth: int) -> bytes:
        return self.take(self.count())

    def interned(self, depth: int) -> str:
        raw = self.take(self.count())
        if not self.python2:
            return self.decode(raw, "utf-8")
        found = self.decode(raw, "latin-1")
        self.strings.append(found)
        return found

    def unicode(self, depth: int) -> str:
        return self.decode(self.take(self.count()), "utf-8")

    def ascii(self, depth: int) -> str:
        return self.decode(self.take(self.count()), "latin-1")

    def short_ascii(self, depth: int) -> str:
        return self.decode(self.take(self.byte()), "latin-1")

    def decode(self, raw: bytes, encoding: str) -> str:
        try:
            return raw.decode(encoding, "surrogatepass" if encoding == "utf-8" else "strict")
        except UnicodeDecodeError as error:
            raise BadMarshal("damaged text") from error

    def items(self, count: int, depth: int) -> tuple[Any, ...]:
        return tuple(self.item(depth + 1) for _ in range(count))

    def long_tuple(self, depth: int) -> tuple[Any, ...]:
        return self.items(self.count(), depth)

    def small_tuple(self, depth: int) -> tuple[Any, ...]:
        return self.items(self.byte(), depth)

    def constant_slice(self, depth: int) -> slice:
        """3.14 keeps the slice of `x[1:3]` as a constant."""
        return slice(*self.items(3, depth))

    def frozen(self, depth: int) -> frozenset[Any]:
        found = self.items(self.count(), depth)
        if any(isinstance(item, (Code, frozenset, slice)) for item in found):
            raise BadMarshal("code inside a set")
        return frozenset(found)

    def code(self, depth: int) -> Code:
        numbers = {key: self.long() for key in INTEGERS[self.layout]}
        if any(not 0 <= value < 1 << 30 for value in numbers.values()):
            raise BadMarshal("a code object with absurd numbers")
        fields = {key: self.item(depth + 1) for key in (MODERN if self.layout == "3.11" else CLASSIC)}
        first_line = self.long()
        fields["lines"] = self.item(depth + 1)
        if self.layout == "3.11":
            self.assembler.of_type(fields["kinds"], bytes)
            self.assembler.of_type(self.item(depth + 1), bytes)
        return self.assembler.build(numbers, fields, first_line)


CONSTANTS: dict[str, Any] = {"N": None, "T": True, "F": False, ".": Ellipsis}
READERS = {
    "i": _Reader.integer,
    "I": _Reader.integer64,
    "l": _Reader.big,
    "g": _Reader.number,
    "f": _Reader.number_text,
    "y": _Reader.imaginary,
    "s": _Reader.string,
    "t": _Reader.interned,
    "u": _Reader.unicode,
    "a": _Reader.ascii,
    "A": _Reader.ascii,
    "z": _Reader.short_ascii,
    "Z": _Reader.short_ascii,
    "(": _Reader.long_tuple,
    ")": _Reader.small_tuple,
    ":": _Reader.constant_slice,
    ">": _Reader.frozen,
    "c": _Reader.code,
    "r": _Reader.reference,
    "R": _Reader.string_reference,
}
