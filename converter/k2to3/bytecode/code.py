"""A code object as plain data."""

from __future__ import annotations

from typing import Any

from k2to3.dataclass import dataclass

VARARGS, VARKEYWORDS, GENERATOR = 0x04, 0x08, 0x20


@dataclass(frozen=True, eq=False)
class Code:
    """One function's bytecode, for any CPython; `consts` may hold further `Code`.

    `layout` is the first CPython with this order of fields: 2.7, 3.4, 3.8 or 3.11.
    """

    layout: str
    name: str
    filename: str
    first_line: int
    argcount: int
    posonly: int
    kwonly: int
    flags: int
    bytecode: bytes
    consts: tuple[Any, ...]
    names: tuple[str, ...]
    varnames: tuple[str, ...]
    cellvars: tuple[str, ...]
    freevars: tuple[str, ...]
    lines: bytes
    localsplus: tuple[str, ...] = ()
    """3.11 and later: all local, cell and free variables, as the bytecode counts them."""

    @property
    def parameters(self) -> tuple[str, ...]:
        """Positional, keyword-only, `*args` and `**kwargs` names, in the order of their slots."""
        count = self.argcount + self.kwonly + bool(self.flags & VARARGS) + bool(self.flags & VARKEYWORDS)
        return self.varnames[:count]

    @property
    def inner(self) -> tuple[Code, ...]:
        return tuple(item for item in self.consts if isinstance(item, Code))
