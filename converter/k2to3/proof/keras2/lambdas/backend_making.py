"""`keras.backend`: tensors made of nothing, and what Python asks of a tensor."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from k2to3.errors import NotSpecified
from k2to3.proof.keras2.author import Author
from k2to3.proof.keras2.ops import shaping
from k2to3.proof.keras2.ops.values import dtype_of, ints
from k2to3.proof.keras2.tensor import Array

NOTHING: Array = np.zeros(0, np.float32)


def _dtype(dtype: Any) -> np.dtype[Any]:
    return dtype_of(dtype or "float32", NOTHING)


def constant(author: Author, value: Any, dtype: Any = None, shape: Any = None) -> Array:
    """Of `floatx`. TensorFlow 1 repeats the last value until the shape is full; TensorFlow 2 refuses."""
    found = np.asarray(value, dtype=_dtype(dtype))
    if shape is None:
        return found
    missing = math.prod(ints(shape)) - found.size
    if missing and found.size > 1 and not author.standalone and author.first >= (2,):
        raise NotSpecified("a constant that does not fill its shape")
    if missing < 0:
        raise NotSpecified("a constant larger than its shape")
    return np.concatenate([found.ravel(), np.repeat(found.ravel()[-1:], missing)]).reshape(ints(shape))


def variable(value: Any, dtype: Any = None) -> Array:
    return np.asarray(value, dtype=_dtype(dtype))


def zeros(shape: Any, dtype: Any = None) -> Array:
    return np.zeros(ints(shape), _dtype(dtype))


def ones(shape: Any, dtype: Any = None) -> Array:
    return np.ones(ints(shape), _dtype(dtype))


def _like(author: Author, x: Array, dtype: Any) -> np.dtype[Any]:
    """Its own dtype, but for multi-backend Keras from 2.2.5 on: `floatx`."""
    if dtype is None and not author.since((2, 2, 5), None):
        return x.dtype
    return dtype_of(dtype or "float32", x)


def zeros_like(author: Author, x: Array, dtype: Any = None) -> Array:
    return np.zeros_like(x, dtype=_like(author, x, dtype))


def ones_like(author: Author, x: Array, dtype: Any = None) -> Array:
    return np.ones_like(x, dtype=_like(author, x, dtype))


def eye(size: int, dtype: Any = None) -> Array:
    return np.eye(int(size), dtype=_dtype(dtype))


def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = "int32") -> Array:
    """Of what it is given, unless another dtype than int32 is asked for."""
    if stop is None:
        start, stop = 0, max(start, 0)
    whole = all(isinstance(value, int) for value in (start, stop, step))
    found = np.arange(start, stop, step).astype(np.int32 if whole else np.float32)
    return found if dtype == "int32" else shaping.cast(found, dtype)


def dtype(x: Array) -> str:
    """A float64 run stands for float32."""
    return "float32" if x.dtype == np.float64 else str(x.dtype)


TENSORS: dict[str, Callable[..., Any]] = {
    "variable": variable,
    "zeros": zeros,
    "ones": ones,
    "eye": eye,
    "arange": arange,
    "cast": shaping.cast,
    "cast_to_floatx": lambda x: shaping.cast(x, "float32"),
    "shape": lambda x: np.asarray(np.shape(x), np.int32),
}
ASKING: dict[str, Callable[..., Any]] = {"constant": constant, "zeros_like": zeros_like, "ones_like": ones_like}
# What they give is no tensor.
PYTHON: dict[str, Callable[..., Any]] = {
    "ndim": lambda x: np.ndim(x),
    "int_shape": lambda x: (None, *np.shape(x)[1:]),
    "dtype": dtype,
    "epsilon": lambda: 1e-7,
    "floatx": lambda: "float32",
    "is_sparse": lambda tensor: False,
    "is_tensor": lambda x: isinstance(x, np.ndarray),
    "count_params": lambda x: int(np.size(x)),
}
