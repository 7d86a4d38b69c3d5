"""Element by element: tensorflow/python/ops/math_ops.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from k2to3.proof.keras2 import activations
from k2to3.proof.keras2.ops.values import operands, tensor
from k2to3.proof.keras2.tensor import Array

Op = Callable[..., Any]


def pairwise(function: Callable[[Array, Array], Any]) -> Op:
    def op(x: Any, y: Any) -> Array:
        return np.asarray(function(*operands(x, y)))

    return op


def divisible(function: Callable[[Array, Array], Any]) -> Callable[[Array, Array], Any]:
    """
    Raises:
        ValueError: a whole number divided by zero, for which TensorFlow stops.
    """

    def op(a: Array, b: Array) -> Any:
        if b.dtype.kind in "iu" and not b.all():
            raise ValueError("a whole number divided by zero")
        return function(a, b)

    return op


def elementwise(function: Callable[[Array], Any]) -> Op:
    def op(x: Any) -> Array:
        x = tensor(x)
        found = np.asarray(function(x))
        return found.astype(x.dtype) if x.dtype.kind == "f" and found.dtype.kind == "f" else found

    return op


def truediv(x: Any, y: Any) -> Array:
    a, b = operands(x, y)
    return np.asarray(np.true_divide(a, b))


def div_no_nan(x: Any, y: Any) -> Array:
    a, b = operands(x, y)
    return np.asarray(np.where(b == 0, 0, a / np.where(b == 0, 1, b))).astype(a.dtype)


def clip_by_value(t: Any, clip_value_min: Any, clip_value_max: Any) -> Array:
    t = tensor(t)
    return np.asarray(np.minimum(np.maximum(t, _like(clip_value_min, t)), _like(clip_value_max, t)))


def _like(value: Any, t: Array) -> Array:
    return np.asarray(value, dtype=t.dtype)


def where(condition: Any, x: Any = None, y: Any = None) -> Array:
    if x is None or y is None:
        raise ValueError("where with one argument gives indices")
    a, b = operands(x, y)
    return np.where(tensor(condition), a, b)


def add_n(inputs: list[Any]) -> Array:
    return np.asarray(sum(inputs[1:], start=inputs[0]))


BINARY: dict[str, Callable[[Array, Array], Any]] = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "pow": np.power,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "floordiv": divisible(np.floor_divide),
    "floormod": divisible(np.mod),
    "squared_difference": lambda a, b: np.square(a - b),
    "equal": np.equal,
    "not_equal": np.not_equal,
    "greater": np.greater,
    "greater_equal": np.greater_equal,
    "less": np.less,
    "less_equal": np.less_equal,
    "logical_and": np.logical_and,
    "logical_or": np.logical_or,
    "logical_xor": np.logical_xor,
}
UNARY: dict[str, Callable[[Array], Any]] = {
    "negative": np.negative,
    "abs": np.abs,
    "square": np.square,
    "sqrt": np.sqrt,
    "rsqrt": lambda x: 1 / np.sqrt(x),
    "reciprocal": lambda x: 1 / x,
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "log1p": np.log1p,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "sigmoid": activations.sigmoid,
    "softplus": activations.softplus,
    "softsign": activations.softsign,
    "erf": activations.erf,
    "floor": np.floor,
    "ceil": np.ceil,
    # To the nearest even number, in both.
    "round": np.round,
    "rint": np.rint,
    "sign": np.sign,
    "logical_not": np.logical_not,
    "is_nan": np.isnan,
    "is_inf": np.isinf,
    "is_finite": np.isfinite,
    "identity": lambda x: x,
    "stop_gradient": lambda x: x,
}
OPS: dict[str, Op] = {
    **{name: pairwise(function) for name, function in BINARY.items()},
    **{name: elementwise(function) for name, function in UNARY.items()},
    "truediv": truediv,
    "divide": truediv,
    "div_no_nan": div_no_nan,
    "clip_by_value": clip_by_value,
    "where": where,
    "add_n": add_n,
}
