"""The fields of a marshalled code object, checked and put together."""

from __future__ import annotations

from typing import Any

from k2to3.bytecode.code import VARARGS, VARKEYWORDS, Code
from k2to3.dataclass import dataclass
from k2to3.errors import Refused

CELL, FREE = 0x40, 0x80


class BadMarshal(Refused):
    """The bytes are not a code object that a Keras 2 of this world could have written."""


@dataclass(frozen=True)
class Assembler:
    """Makes code objects of one field order."""

    layout: str

    @property
    def python2(self) -> bool:
        return self.layout == "2.7"

    def build(self, numbers: dict[str, int], fields: dict[str, Any], first_line: int) -> Code:
        names = {key: self.names(fields.get(key, ())) for key in ("names", "varnames", "cellvars", "freevars")}
        localsplus: tuple[str, ...] = ()
        if self.layout == "3.11":
            localsplus = names["varnames"]
            names |= _split(localsplus, fields["kinds"])
        elif len(names["varnames"]) != numbers["nlocals"]:
            raise BadMarshal("a code object that miscounts its locals")
        found = Code(
            layout=self.layout,
            name=self.text(fields["name"]),
            filename=self.text(fields["filename"]),
            first_line=first_line,
            argcount=numbers["argcount"],
            posonly=numbers.get("posonly", 0),
            kwonly=numbers.get("kwonly", 0),
            flags=numbers["flags"],
            bytecode=self.raw(fields["code"]),
            consts=tuple(self.constant(item) for item in self.of_type(fields["consts"], tuple)),
            lines=self.raw(fields["lines"]),
            localsplus=localsplus,
            **names,
        )
        stars = bool(found.flags & VARARGS) + bool(found.flags & VARKEYWORDS)
        if found.posonly > found.argcount or len(found.parameters) < found.argcount + found.kwonly + stars:
            raise BadMarshal("a code object that miscounts its arguments")
        return found

    def of_type(self, value: Any, kind: type) -> Any:
        if type(value) is not kind:
            raise BadMarshal(f"a code object with {type(value).__name__} in place of {kind.__name__}")
        return value

    def raw(self, value: Any) -> bytes:
        """Python 2 interns one-character strings, bytecode and line tables among them."""
        if self.python2 and isinstance(value, str):
            return value.encode("latin-1")
        return bytes(self.of_type(value, bytes))

    def text(self, value: Any) -> str:
        if self.python2 and isinstance(value, bytes):
            return value.decode("latin-1")
        return str(self.of_type(value, str))

    def names(self, value: Any) -> tuple[str, ...]:
        return tuple(self.text(item) for item in self.of_type(value, tuple))

    def constant(self, value: Any) -> Any:
        """Python 2's `str` is text here: its constants are names of axes and dtypes."""
        if self.python2 and isinstance(value, bytes):
            return value.decode("latin-1")
        if isinstance(value, tuple):
            return tuple(self.constant(item) for item in value)
        return value


def _split(names: tuple[str, ...], kinds: bytes) -> dict[str, tuple[str, ...]]:
    if len(names) != len(kinds):
        raise BadMarshal("a code object that miscounts its locals")
    pairs = list(zip(names, kinds, strict=True))
    return {
        "varnames": tuple(name for name, kind in pairs if kind & 0x20),
        "cellvars": tuple(name for name, kind in pairs if kind & CELL),
        "freevars": tuple(name for name, kind in pairs if kind & FREE),
    }
