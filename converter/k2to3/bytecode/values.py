"""What the symbolic interpreter moves around besides tensors and plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any, Protocol

from k2to3.dataclass import dataclass
from k2to3.errors import Refused

Value = Any


class NotRecovered(Refused):
    """A function that cannot be followed to the end."""


@dataclass(frozen=True)
class Symbol:
    """A name of the closed world, e.g. `tensorflow.nn.relu`; never looked up in a real module."""

    path: str


@dataclass(eq=False)
class Cell:
    """A variable that an inner function shares."""

    value: Value = None
    bound: bool = False


@dataclass(frozen=True, eq=False)
class Function:
    """A function of the file: `body` is what its machine runs (bytecode or syntax tree)."""

    body: Any
    name: str
    run: Any
    defaults: tuple[Value, ...] = ()
    kwdefaults: Mapping[str, Value] = field(default_factory=dict)
    closure: tuple[Cell, ...] = ()


@dataclass(frozen=True, eq=False)
class Bound:
    """`owner.name`, to be called."""

    owner: Value
    name: str


@dataclass(eq=False)
class Iteration:
    """An iterator over things that are all known."""

    items: Sequence[Value]
    position: int = 0


class Backend(Protocol):
    """Where operations on tensors go; see `k2to3.functions.dispatch` for the meaning."""

    def symbolic(self, value: Value) -> bool: ...

    def call(self, symbol: str, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value: ...

    def attribute(self, value: Value, name: str) -> Value: ...

    def method(self, value: Value, name: str, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value: ...

    def constant(self, symbol: str) -> Value: ...

    def noise(self, symbol: str, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value: ...

    def unroll(self, value: Value) -> Sequence[Value]: ...
