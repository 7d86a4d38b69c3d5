"""Operators, builtins and methods on plain data, within bounds of size.

Only what is listed here exists: no attribute of a real object is ever reached by a name
from a file.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from k2to3.bytecode.values import Function, Iteration, NotRecovered, Symbol, Value

MAX_BITS = 512
MAX_LENGTH = 100_000
MAX_ELEMENTS = 4_000_000
MAX_RANGE = 10_000

BINARY: dict[str, tuple[str, Callable[[Any, Any], Any]]] = {
    "+": ("add", operator.add),
    "-": ("sub", operator.sub),
    "*": ("mul", operator.mul),
    "/": ("truediv", operator.truediv),
    "//": ("floordiv", operator.floordiv),
    "%": ("mod", operator.mod),
    "**": ("pow", operator.pow),
    "@": ("matmul", operator.matmul),
    "&": ("and_", operator.and_),
    "|": ("or_", operator.or_),
    "^": ("xor", operator.xor),
    "<<": ("lshift", operator.lshift),
    ">>": ("rshift", operator.rshift),
    "<": ("lt", operator.lt),
    "<=": ("le", operator.le),
    "==": ("eq", operator.eq),
    "!=": ("ne", operator.ne),
    ">": ("gt", operator.gt),
    ">=": ("ge", operator.ge),
}
UNARY: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "-": ("neg", operator.neg),
    "+": ("pos", operator.pos),
    "~": ("invert", operator.invert),
}
PLAIN = (type(None), bool, int, float, complex, str, bytes, list, tuple, dict, slice, frozenset, set, np.ndarray)


def binary(op: str, left: Value, right: Value) -> Value:
    """A Python operator on plain data.

    Raises:
        NotRecovered: operands that do not fit, or a result of absurd size.
    """
    function = BINARY[op][1]
    _bounded(op, left, right)
    return guarded(function, left, right)


def guarded(function: Callable[..., Any], *args: Value, **kwargs: Value) -> Value:
    """Call a function of this module's tables; its error becomes a refusal."""
    try:
        with np.errstate(all="ignore"):
            found = function(*args, **kwargs)
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError, MemoryError) as error:
        name = getattr(function, "__name__", "it")
        raise NotRecovered(f"{name} fails on constants: {type(error).__name__}: {str(error)[:80]}") from error
    if isinstance(found, np.generic):
        return found.item()
    return found


def _bounded(op: str, left: Value, right: Value) -> None:
    if isinstance(left, str) and op == "%":
        raise NotRecovered("it formats text")
    for value in (left, right):
        if isinstance(value, int) and value.bit_length() > MAX_BITS:
            raise NotRecovered("a whole number grows without bound")
    if op == "*":
        for one, other in ((left, right), (right, left)):
            if isinstance(one, (str, bytes, list, tuple)) and isinstance(other, int) and len(one) * other > MAX_LENGTH:
                raise NotRecovered("a repeated sequence of absurd length")
    sequences = [v for v in (left, right) if isinstance(v, (str, bytes, list, tuple))]
    if op == "+" and sum(map(len, sequences)) > MAX_LENGTH:
        raise NotRecovered("a sequence of absurd length")
    if op == "**" and isinstance(left, int) and isinstance(right, int) and left.bit_length() * abs(right) > MAX_BITS:
        raise NotRecovered("a power of absurd size")
    if op == "<<" and (not isinstance(right, int) or right > MAX_BITS):
        raise NotRecovered("a shift of absurd size")
    if isinstance(left, np.ndarray) and isinstance(right, np.ndarray) and left.size * right.size > MAX_ELEMENTS**2:
        raise NotRecovered("arrays of absurd size")


def counted(*args: Value) -> range:
    """`range`, never longer than a loop may be."""
    found = guarded(range, *args)
    if len(found) > MAX_RANGE:
        raise NotRecovered(f"a loop over {len(found)} steps")
    return found  # type: ignore[no-any-return]


def listed(value: Value) -> Sequence[Value]:
    """The items of something whose items are all known."""
    if isinstance(value, Iteration):
        rest = value.items[value.position :]
        value.position = len(value.items)
        return rest
    if isinstance(value, (list, tuple, range, str)):
        return value
    if isinstance(value, dict):
        return list(value)
    if isinstance(value, np.ndarray) and value.ndim and len(value) <= MAX_RANGE:
        return [item.item() if isinstance(item, np.generic) else item for item in value]
    raise NotRecovered(f"it goes through a {describe(value)}")


def describe(value: Value) -> str:
    if isinstance(value, Symbol):
        return value.path
    if isinstance(value, Function):
        return f"function {value.name}"
    return type(value).__name__


def _isinstance(value: Value, kinds: Value) -> bool:
    wanted = kinds if isinstance(kinds, tuple) else (kinds,)
    names = {kind.path for kind in wanted if isinstance(kind, Symbol)}
    known = {"builtins.list": list, "builtins.tuple": tuple, "builtins.int": int, "builtins.float": float}
    known |= {"builtins.str": str, "builtins.bool": bool, "builtins.dict": dict}
    if len(names) != len(wanted) or not names <= known.keys():
        raise NotRecovered("isinstance() with classes other than Python's own")
    return isinstance(value, tuple(known[name] for name in names))


def _zip(*values: Value) -> Iteration:
    return Iteration(list(zip(*(listed(v) for v in values), strict=False)))


def _enumerate(values: Value, start: int = 0) -> Iteration:
    return Iteration(list(enumerate(listed(values), start)))


def _dict(*args: Value, **kwargs: Value) -> dict[str, Value]:
    return dict(*args, **kwargs)


# Those that need no call back into the interpreter and look at no tensor's values.
BUILTINS: dict[str, Callable[..., Value]] = {
    "range": counted,
    "xrange": counted,
    "list": lambda value=(): list(listed(value)),
    "tuple": lambda value=(): tuple(listed(value)),
    "zip": _zip,
    "enumerate": _enumerate,
    "reversed": lambda value: Iteration(list(reversed(listed(value)))),
    "isinstance": _isinstance,
    "slice": slice,
    "iter": lambda value: Iteration(listed(value)),
    "dict": _dict,
    "len": lambda value: len(value) if isinstance(value, (dict, str, np.ndarray)) else len(listed(value)),
    "print": lambda *args, **kwargs: None,
    "str": lambda value="": str(value) if isinstance(value, (int, float, str, bool)) else _no_text(),
}
# Those that only make sense on known numbers.
NUMERIC: dict[str, Callable[..., Value]] = {
    "int": int,
    "long": int,
    "float": float,
    "bool": bool,
    "complex": complex,
    "abs": abs,
    "round": round,
    "min": min,
    "max": max,
    "sorted": lambda value, reverse=False: sorted(listed(value), reverse=reverse),
    "divmod": divmod,
    "pow": lambda a, b: binary("**", a, b),
    "any": lambda value: any(listed(value)),
    "all": lambda value: all(listed(value)),
}


def _no_text() -> str:
    raise NotRecovered("str() of something that is no number")


def method(owner: Value, name: str, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    """A method of a list, tuple, dict or text."""
    for kind, names in METHODS.items():
        if isinstance(owner, kind) and name in names:
            if isinstance(owner, list) and len(owner) > MAX_LENGTH:
                raise NotRecovered("a list of absurd length")
            return guarded(names[name], owner, *args, **kwargs)
    raise NotRecovered(f"it calls .{name}() of a {describe(owner)}")


METHODS: dict[type, dict[str, Callable[..., Value]]] = {
    list: {
        "append": list.append,
        "extend": lambda owner, items: owner.extend(listed(items)),
        "insert": list.insert,
        "pop": list.pop,
        "reverse": list.reverse,
        "index": list.index,
        "count": list.count,
        "copy": list.copy,
        "as_list": list.copy,
    },
    tuple: {
        "index": tuple.index,
        "count": tuple.count,
        "as_list": list,
        "is_fully_defined": lambda owner: None not in owner,
        "num_elements": lambda owner: math.prod(owner) if None not in owner else None,
    },
    dict: {
        "get": dict.get,
        "keys": list,
        "values": lambda owner: list(owner.values()),
        "items": lambda owner: list(owner.items()),
        "pop": dict.pop,
        "update": dict.update,
    },
    str: {"lower": str.lower, "upper": str.upper, "startswith": str.startswith, "endswith": str.endswith},
}
