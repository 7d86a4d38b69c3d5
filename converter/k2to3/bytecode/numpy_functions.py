"""NumPy functions on known data: constants that a Lambda computes for itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from k2to3.bytecode.plain import MAX_ELEMENTS, guarded
from k2to3.bytecode.values import NotRecovered, Value

# fmt: off
ELEMENTWISE = (
    "abs", "absolute", "sqrt", "square", "exp", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "arcsin",
    "arccos", "arctan", "arctan2", "sinh", "cosh", "tanh", "floor", "ceil", "rint", "round", "around", "sign", "power",
    "maximum", "minimum", "add", "subtract", "multiply", "divide", "true_divide", "floor_divide", "mod", "negative",
    "clip", "where", "isnan", "isfinite", "deg2rad", "rad2deg", "equal", "not_equal", "greater", "greater_equal",
    "less", "less_equal", "logical_and", "logical_or", "logical_not",
)
REDUCING = (
    "sum", "prod", "mean", "std", "var", "max", "min", "amax", "amin", "argmax", "argmin", "cumsum", "cumprod", "any",
    "all", "median",
)
SHAPING = (
    "reshape", "transpose", "expand_dims", "squeeze", "concatenate", "stack", "vstack", "hstack", "ravel", "flip",
    "fliplr", "flipud", "rot90", "roll", "swapaxes", "moveaxis", "diag", "tril", "triu", "shape", "ndim", "size",
    "array", "asarray", "zeros_like", "ones_like", "full_like", "copy", "dot", "matmul", "outer", "array_split",
    "split", "atleast_1d", "atleast_2d", "delete",
)
CREATING = ("zeros", "ones", "empty", "full", "eye", "identity", "arange", "linspace", "logspace", "tile", "repeat",
            "meshgrid", "indices", "tri")
# fmt: on
DTYPES = ("float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
# fmt: off
MATH = (
    "sqrt", "exp", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh",
    "cosh", "tanh", "floor", "ceil", "trunc", "fabs", "pow", "radians", "degrees", "hypot", "prod", "gcd",
)
# fmt: on


def _table() -> dict[str, Callable[..., Any]]:
    found: dict[str, Callable[..., Any]] = {}
    for name in (*ELEMENTWISE, *REDUCING, *SHAPING, *CREATING):
        found[f"numpy.{name}"] = getattr(np, name)
    for name in DTYPES:
        found[f"numpy.{name}"] = getattr(np, name)
    for name in MATH:
        found[f"math.{name}"] = getattr(math, name)
    return found


FUNCTIONS = _table()


def known(symbol: str) -> bool:
    return symbol in FUNCTIONS


def call(symbol: str, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    """A function of NumPy or `math` on plain data.

    Raises:
        NotRecovered: it fails, or would make something absurdly large.
    """
    name = symbol.partition(".")[2]
    if name in CREATING or name in ("outer", "where", "dot", "matmul"):
        _affordable(name, args, kwargs)
    if name in DTYPES and args and not isinstance(args[0], (list, tuple, np.ndarray)):
        return guarded(FUNCTIONS[symbol], *args)
    if any(isinstance(v, str) and k != "dtype" for k, v in kwargs.items()):
        raise NotRecovered(f"{symbol} with text as an argument")
    found = guarded(FUNCTIONS[symbol], *args, **kwargs)
    if isinstance(found, np.ndarray) and (found.size > MAX_ELEMENTS or found.dtype.kind not in "fiub"):
        raise NotRecovered(f"{symbol} makes an array of {found.size} {found.dtype}")
    return found


def _affordable(name: str, args: Sequence[Value], kwargs: Mapping[str, Value]) -> None:
    """Refuse before anything large exists."""
    sizes = [_numbers(value) for value in (*args, *kwargs.values())]
    whole = [abs(n) for numbers in sizes for n in numbers if math.isfinite(n)] or [0]
    if name in ("arange", "linspace", "logspace"):
        step = min([abs(n) for numbers in sizes[2:3] for n in numbers if n] or [1])
        total = 2 * max(whole) / (step if name == "arange" else 1)
    elif name in ("tile", "repeat", "outer", "meshgrid", "dot", "matmul", "where"):
        sources = [v.size if isinstance(v, np.ndarray) else len(_numbers(v)) for v in args]
        total = math.prod(max(1, n) for n in sources) * (
            max(1, *_numbers(args[-1])) if name in ("tile", "repeat") else 1
        )
    elif name in ("eye", "identity", "tri"):
        total = max(whole) ** 2
    else:
        total = math.prod(max(1, abs(n)) for n in (sizes[0] if sizes else [1]))
    if total > MAX_ELEMENTS:
        raise NotRecovered(f"numpy.{name} makes an array of absurd size")


def _numbers(value: Value) -> list[float]:
    if isinstance(value, np.ndarray):
        return [float(n) for n in value.ravel()[:1000]] if value.dtype.kind in "fiub" else []
    if isinstance(value, (list, tuple)):
        return [n for item in value for n in _numbers(item)]
    return [float(value)] if isinstance(value, (int, float)) and abs(value) < 1e300 else []
