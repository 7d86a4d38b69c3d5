"""What the handlers of instructions share."""

from __future__ import annotations

from collections.abc import Mapping

from k2to3.bytecode.machine import Handler
from k2to3.bytecode.values import NotRecovered, Symbol, Value
from k2to3.functions.table import Table


class Handlers(Table[Handler]):
    """The handlers of one module by the instructions they stand for; one that returns something makes its own jump."""


def keyword_names(value: Value) -> tuple[str, ...]:
    if not isinstance(value, tuple) or not all(isinstance(item, str) for item in value):
        raise NotRecovered("keyword names that are no names")
    return value


def mapping(value: Value) -> Mapping[str, Value]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise NotRecovered("** of something that is no dict of names")
    return value


def symbol_of(value: Value) -> Symbol:
    if not isinstance(value, Symbol):
        raise NotRecovered("it imports from something that is no module")
    return value
