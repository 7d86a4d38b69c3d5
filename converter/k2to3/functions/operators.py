"""Python's operators and builtins, on tensors, arrays, extents and plain data."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from k2to3.functions import arithmetic
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family, look_up
from k2to3.functions.families import FUNCTIONS
from k2to3.functions.values import RuntimeInteger, Value, holds_runtime
from k2to3.keras3.graph import Tensor

symbol = Family()

MAX_BITS = 4096
MAX_LENGTH = 1_000_000


def _plain(*values: Value) -> bool:
    return not any(isinstance(v, (Tensor, RuntimeInteger)) for v in values)


def _guarded(emitter: Emitter, function: Callable[..., Any], *values: Value) -> Value:
    """Python's own operator on plain data, within bounds of size.

    Raises:
        UnsupportedOption: the operands do not fit, or the result is absurdly large.
    """
    if any(isinstance(v, int) and v.bit_length() > MAX_BITS for v in values):
        raise emitter.refuse("an integer constant is too large")
    lengths = [len(v) for v in values if isinstance(v, (list, tuple, str, bytes))]
    if lengths and function is operator.mul and max(lengths) * max([1, *_ints(values)]) > MAX_LENGTH:
        raise emitter.refuse("a repeated list is too long")
    if function in (operator.pow, operator.lshift) and all(isinstance(v, int) for v in values):
        bits = values[0].bit_length() * abs(values[1]) if function is operator.pow else abs(values[1])
        if bits > MAX_BITS:
            raise emitter.refuse("an integer constant is too large")
    try:
        with np.errstate(all="ignore"):
            return function(*values)
    except (TypeError, ValueError, ArithmeticError, IndexError, KeyError) as error:
        raise emitter.refuse(f"{function.__name__} of {values!r:.80}: {error}") from error


def _ints(values: tuple[Value, ...]) -> list[int]:
    return [abs(v) for v in values if isinstance(v, int)]


BINARY: dict[str, tuple[str, Callable[[Any, Any], Any]]] = {
    "add": ("math.add", operator.add),
    "sub": ("math.subtract", operator.sub),
    "mul": ("math.multiply", operator.mul),
    "truediv": ("math.truediv", operator.truediv),
    "floordiv": ("math.floordiv", operator.floordiv),
    "mod": ("math.floormod", operator.mod),
    "pow": ("math.pow", operator.pow),
    "matmul": ("linalg.matmul", operator.matmul),
    "gt": ("math.greater", operator.gt),
    "ge": ("math.greater_equal", operator.ge),
    "lt": ("math.less", operator.lt),
    "le": ("math.less_equal", operator.le),
    "eq": ("math.equal", operator.eq),
    "ne": ("math.not_equal", operator.ne),
    "and_": ("math.logical_and", operator.and_),
    "or_": ("math.logical_or", operator.or_),
    "xor": ("math.logical_xor", operator.xor),
    "lshift": ("bitwise.left_shift", operator.lshift),
    "rshift": ("bitwise.right_shift", operator.rshift),
}
UNARY: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "neg": ("math.negative", operator.neg),
    "pos": ("identity", operator.pos),
    "invert": ("math.logical_not", operator.invert),
    "abs": ("math.abs", operator.abs),
    "not_": ("", operator.not_),
}


def _binary(name: str, target: str, function: Callable[[Any, Any], Any]) -> None:
    def apply(emitter: Emitter, a: Value, b: Value) -> Value:
        if _plain(a, b):
            return _guarded(emitter, function, a, b)
        if (a is None or b is None) and name in ("eq", "ne"):
            return name == "ne"
        if isinstance(a, (str, list, tuple, dict)) and name in ("eq", "ne") and not isinstance(b, Tensor):
            return name == "ne"
        return _tensorflow(emitter, target, a, b)

    symbol(f"operator.{name}")(apply)


def _unary(name: str, target: str, function: Callable[[Any], Any]) -> None:
    def apply(emitter: Emitter, a: Value) -> Value:
        if _plain(a):
            return _guarded(emitter, function, a)
        if not target:
            raise emitter.refuse("a condition depends on the values of a tensor")
        return _tensorflow(emitter, target, a)

    symbol(f"operator.{name}")(apply)


def _tensorflow(emitter: Emitter, target: str, *args: Value) -> Value:
    entry = look_up(f"tensorflow.{target}", FUNCTIONS)
    if entry is None:
        raise emitter.refuse(f"{target} has no equivalent")
    return entry.call(emitter, args, {}, f"tensorflow.{target}")


for _name, (_target, _function) in BINARY.items():
    _binary(_name, _target, _function)
for _name, (_target, _one) in UNARY.items():
    _unary(_name, _target, _one)


@symbol("operator.getitem")
def getitem(emitter: Emitter, a: Value, b: Value) -> Value:
    if isinstance(a, Tensor):
        return _tensorflow(emitter, "__operators__.getitem", a, b)
    if isinstance(a, np.ndarray) and isinstance(b, list):
        b = tuple(b)
    return _guarded(emitter, operator.getitem, a, b)


# fmt: off
MATH = (
    "sqrt", "exp", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "asin", "acos", "atan", "atan2",
    "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "floor", "ceil", "trunc", "fabs", "pow", "radians", "degrees",
    "hypot", "isnan", "isinf", "isfinite", "copysign", "erf", "erfc", "gamma", "lgamma",
)
# fmt: on


def _math(name: str) -> None:
    function = getattr(math, name)

    def apply(emitter: Emitter, *values: Value) -> Value:
        if holds_runtime(list(values)):
            raise emitter.refuse(f"math.{name} of a tensor")
        return _guarded(
            emitter, function, *(v.item() if isinstance(v, np.ndarray) and v.ndim == 0 else v for v in values)
        )

    symbol(f"math.{name}")(apply)


for _name in MATH:
    _math(_name)


@symbol("builtins.len")
def length(emitter: Emitter, value: Value) -> Value:
    if isinstance(value, Tensor):
        if not value.shape or value.shape[0] is None:
            raise emitter.refuse("len() of a tensor of unknown length")
        return value.shape[0]
    return _guarded(emitter, len, value)


@symbol("builtins.abs")
def absolute(emitter: Emitter, value: Value) -> Value:
    return _guarded(emitter, abs, value) if _plain(value) else _tensorflow(emitter, "math.abs", value)


@symbol("builtins.sum")
def total(emitter: Emitter, values: Value, start: Value = 0) -> Value:
    if isinstance(values, Tensor):
        raise emitter.refuse("sum() over a tensor")
    found = start
    for value in values:
        found = _guarded(emitter, operator.add, found, value) if _plain(found, value) else _add(emitter, found, value)
    return found


def _add(emitter: Emitter, a: Value, b: Value) -> Value:
    return b if isinstance(a, int) and a == 0 else arithmetic.add(emitter, a, b)


def _conversion(name: str, function: Callable[..., Any]) -> None:
    def convert(emitter: Emitter, *values: Value) -> Value:
        if len(values) == 1 and isinstance(values[0], RuntimeInteger) and name == "int":
            return values[0]
        if holds_runtime(list(values)):
            raise emitter.refuse(f"{name}() of a value that depends on the input")
        return _guarded(emitter, function, *values)

    symbol(f"builtins.{name}")(convert)


CONVERSIONS: dict[str, Callable[..., Any]] = {
    "int": int,
    "float": float,
    "bool": bool,
    "round": round,
    "list": list,
    "tuple": tuple,
    "max": max,
    "min": min,
    "divmod": divmod,
}
for _name, _any in CONVERSIONS.items():
    _conversion(_name, _any)
