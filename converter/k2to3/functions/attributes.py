"""Attributes and methods of tensors, shapes and arrays, and names that are constants."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from k2to3.functions.dtypes import KNOWN
from k2to3.functions.emitter import Emitter
from k2to3.functions.registry import find
from k2to3.functions.values import RuntimeInteger, Value
from k2to3.keras3.graph import Tensor

CONSTANTS: dict[str, Value] = {
    "math.pi": math.pi,
    "math.e": math.e,
    "math.inf": math.inf,
    "math.nan": math.nan,
    "math.tau": math.tau,
    "numpy.pi": math.pi,
    "numpy.e": math.e,
    "numpy.inf": math.inf,
    "numpy.nan": math.nan,
    "numpy.NaN": math.nan,
    "numpy.Inf": math.inf,
    "numpy.newaxis": None,
    "tensorflow.newaxis": None,
    **{f"tensorflow.{name}": name for name in KNOWN},
    **{f"tensorflow.dtypes.{name}": name for name in KNOWN},
    "tensorflow.half": "float16",
    "tensorflow.double": "float64",
    **{
        f"tensorflow.image.ResizeMethod.{name}": name.lower().replace("_neighbor", "")
        for name in ("BILINEAR", "NEAREST_NEIGHBOR", "BICUBIC", "AREA", "LANCZOS3", "LANCZOS5", "GAUSSIAN")
    },
    "tensorflow.image.ResizeMethod.MITCHELLCUBIC": "mitchellcubic",
}


def named_constant(name: str) -> Value:
    """The value of a canonical name; KeyError where it is none."""
    return CONSTANTS[name]


def attribute(emitter: Emitter, value: Value, name: str) -> Value:
    """See `dispatch.attribute`."""
    if isinstance(value, Tensor):
        return _tensor_attribute(emitter, value, name)
    if isinstance(value, np.ndarray) and name in ("shape", "ndim", "T", "size", "dtype"):
        found = getattr(value, name)
        return str(found) if name == "dtype" else found
    if isinstance(value, (list, tuple)) and name in ("rank", "ndims"):
        return len(value)
    if isinstance(value, tuple) and name == "dims":
        return list(value)
    # TensorFlow 1 wraps extents: `x.shape[1].value`.
    if name == "value" and (value is None or isinstance(value, int)):
        return value
    if isinstance(value, str) and value in KNOWN:
        return _dtype_attribute(emitter, value, name)
    raise emitter.refuse(f"attribute {name!r} of {_kind(value)}")


def _dtype_attribute(emitter: Emitter, value: str, name: str) -> Value:
    if name in ("name", "base_dtype"):
        return value
    kind = np.dtype("float32" if value == "bfloat16" else value)
    if name in ("is_floating", "is_integer"):
        return (kind.kind == "f") if name == "is_floating" else (kind.kind in "iu")
    if name in ("min", "max") and value != "bfloat16" and kind.kind in "fiu":
        info: Any = np.finfo(kind) if kind.kind == "f" else np.iinfo(kind)
        found = getattr(info, name)
        return float(found) if kind.kind == "f" else int(found)
    raise emitter.refuse(f"attribute {name!r} of a dtype")


def _tensor_attribute(emitter: Emitter, value: Tensor, name: str) -> Value:
    if name in ("shape", "_keras_shape"):
        return tuple(value.shape)
    if name == "dtype":
        return value.dtype
    if name in ("ndim", "ndims"):
        return len(value.shape)
    if name == "T":
        return _call(emitter, "tensorflow.transpose", [value])
    raise emitter.refuse(f"attribute {name!r} of a tensor")


METHODS = {
    "astype": "tensorflow.cast",
    "cast": "tensorflow.cast",
    "sum": "numpy.sum",
    "mean": "numpy.mean",
    "max": "numpy.max",
    "min": "numpy.min",
    "prod": "numpy.prod",
    "std": "numpy.std",
    "var": "numpy.var",
    "clip": "numpy.clip",
    "flatten": "numpy.ravel",
    "ravel": "numpy.ravel",
}


def method(emitter: Emitter, value: Value, name: str, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    """See `dispatch.method`."""
    if isinstance(value, Tensor) and name == "get_shape":
        return tuple(value.shape)
    if isinstance(value, Tensor) and name == "set_shape":
        return None
    if isinstance(value, (tuple, list)) and name in ("as_list", "is_fully_defined", "copy", "index", "count"):
        return _shape_method(emitter, value, name, args)
    if isinstance(value, np.ndarray) and name in ("reshape", "transpose", "tolist", "item", "copy", "squeeze"):
        return _array_method(emitter, value, name, args)
    if isinstance(value, (Tensor, np.ndarray)) and name in METHODS:
        return _call(emitter, METHODS[name], [value, *args], kwargs)
    if name in ("__add__", "__sub__", "__mul__", "__truediv__", "__getitem__", "__neg__", "__matmul__", "__pow__"):
        return _call(emitter, f"operator.{name.strip('_')}", [value, *args], kwargs)
    raise emitter.refuse(f"method {name!r} of {_kind(value)}")


def _shape_method(emitter: Emitter, value: Any, name: str, args: Sequence[Value]) -> Value:
    if name in ("as_list", "copy"):
        return list(value)
    if name == "is_fully_defined":
        return None not in value
    found = [index for index, item in enumerate(value) if len(args) == 1 and item == args[0]]
    if name == "index" and not found:
        raise emitter.refuse(f"{args!r:.40} is not in the list")
    return found[0] if name == "index" else len(found)


def _array_method(emitter: Emitter, value: Any, name: str, args: Sequence[Value]) -> Value:
    try:
        if name == "tolist":
            return value.tolist()
        return getattr(value, name)(*args)
    except (TypeError, ValueError, IndexError) as error:
        raise emitter.refuse(f"method {name!r} of an array: {error}") from error


def _call(emitter: Emitter, symbol: str, args: Sequence[Value], kwargs: Mapping[str, Value] | None = None) -> Value:
    entry = find(symbol)
    if entry is None:
        raise emitter.refuse(f"{symbol} has no equivalent")
    return entry.call(emitter, args, kwargs or {}, symbol)


def _kind(value: Value) -> str:
    if isinstance(value, Tensor):
        return "a tensor"
    if isinstance(value, RuntimeInteger):
        return "an extent that is only known at run time"
    return f"a {type(value).__name__}"
