"""What the user says about Lambda layers, as it comes from the command line or Python."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from types import FunctionType
from typing import Any

from k2to3.bytecode.names import ROOTS, extend
from k2to3.bytecode.syntax import parse_text
from k2to3.bytecode.values import Symbol
from k2to3.errors import UsageError
from k2to3.options.words import Function

Pairs = Mapping[str, Any] | Iterable[str]


def read_lambdas(pairs: Pairs) -> dict[str, Function]:
    """`["square=lambda x: x ** 2"]` → `{"square": "lambda x: x ** 2"}`; Python functions stay as they are.

    Raises:
        UsageError: not NAME=EXPR, or EXPR is no function.
    """
    found: dict[str, Function] = {}
    for name, given in _pairs(pairs, "--lambda"):
        if isinstance(given, str):
            parse_text(given)
        elif not isinstance(given, FunctionType):
            raise UsageError(
                f"the function of {name!r} must be source text, or a function written in Python",
                hint='e.g. "lambda x: x ** 2"',
            )
        found[name] = given
    return found


def read_globals(pairs: Pairs) -> dict[str, Any]:
    """`["n=3", "act=tf.nn.relu"]` → values and names of the closed world.

    Raises:
        UsageError: not NAME=VALUE, or VALUE is neither plain data nor a known name.
    """
    return {name: _value(name, value) for name, value in _pairs(pairs, "--lambda-global")}


def _pairs(pairs: Pairs, option: str) -> Iterable[tuple[str, Any]]:
    if isinstance(pairs, Mapping):
        yield from pairs.items()
        return
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name.strip() or not value.strip():
            raise UsageError(f"{option} {pair!r} is not NAME=VALUE")
        yield name.strip(), value.strip()


def _value(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return ast.literal_eval(value)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        pass
    first, *rest = value.split(".")
    if first not in ROOTS or not all(part.isidentifier() for part in rest):
        raise UsageError(f"--lambda-global {name}={value}: neither plain data nor a name below K, tf, np or math")
    path = ROOTS[first]
    for part in rest:
        path = extend(path, part)
    return Symbol(path)
