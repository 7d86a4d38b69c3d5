"""Dtype names, and NumPy's word for them."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.functions.emitter import Emitter
from k2to3.functions.values import RuntimeInteger, Value
from k2to3.keras3.graph import Tensor

FLOATS = ("float16", "bfloat16", "float32", "float64")
INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
KNOWN = frozenset((*FLOATS, *INTEGERS, "bool"))
ALIASES = {"half": "float16", "float": "float32", "double": "float64", "int": "int32", "bool_": "bool"}


def dtype_name(emitter: Emitter, value: Value) -> str:
    """`"float32"`, `"<dtype: 'float32'>"`, `float`, NumPy dtypes → the name.

    Raises:
        UnsupportedOption: a dtype that not every backend has.
    """
    name = str(value) if isinstance(value, str) else str(getattr(value, "name", getattr(value, "__name__", value)))
    name = name.removeprefix("tf.").removeprefix("np.").removesuffix("_ref")
    name = ALIASES.get(name, name)
    if name not in KNOWN:
        raise emitter.refuse(f"dtype {name!r} does not exist in Keras 3 tensors")
    return str(name)


def is_float(dtype: str) -> bool:
    return dtype in FLOATS


def dtype_of(value: Value) -> str:
    """The dtype TensorFlow gives to `value` by itself."""
    if isinstance(value, Tensor):
        return value.dtype
    if isinstance(value, RuntimeInteger):
        return "int32"
    if isinstance(value, (bool, np.bool_)):
        return "bool"
    if isinstance(value, np.ndarray) and value.dtype == object:
        return "int32"
    if isinstance(value, (np.ndarray, np.generic)):
        return str(value.dtype)
    if isinstance(value, int):
        return "int32"
    if isinstance(value, (list, tuple)):
        found = [dtype_of(item) for item in value]
        return next((dtype for dtype in found if is_float(dtype)), found[0] if found else "float32")
    return "float32"


def numpy_dtype(name: str) -> Any:
    """NumPy has no bfloat16: its values are exact in float32."""
    return np.dtype("float32" if name == "bfloat16" else name)
