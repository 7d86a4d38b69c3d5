"""How TensorFlow makes operands of what it is given."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.proof.keras2.tensor import Array


def operands(x: Any, y: Any) -> tuple[Array, Array]:
    """Constants take the dtype of the tensor beside them."""
    if isinstance(x, np.ndarray) and not isinstance(y, np.ndarray):
        return x, np.asarray(y, dtype=x.dtype)
    if isinstance(y, np.ndarray) and not isinstance(x, np.ndarray):
        return np.asarray(x, dtype=y.dtype), y
    return np.asarray(x), np.asarray(y)


def tensor(x: Any) -> Array:
    """A Python number is float32 or int32 in TensorFlow."""
    if isinstance(x, np.ndarray):
        return x
    found = np.asarray(x)
    if found.dtype == np.float64:
        return found.astype(np.float32)
    return found.astype(np.int32) if found.dtype == np.int64 else found


def beside(value: Any, like: Any) -> Array:
    """A constant takes the dtype of the tensor beside it."""
    if isinstance(value, np.ndarray) or not isinstance(like, np.ndarray):
        return tensor(value)
    return np.asarray(value, dtype=like.dtype)


def floats() -> Array:
    """What stands beside nothing: TensorFlow's own float."""
    return np.zeros(0, np.float32)


def axes(axis: Any) -> tuple[int, ...] | None:
    if axis is None:
        return None
    if isinstance(axis, np.ndarray):
        axis = axis.tolist()
    if isinstance(axis, (list, tuple)):
        return tuple(int(a) for a in axis)
    return (int(axis),)


def ints(value: Any) -> list[int]:
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [int(v) for v in value]
    return [int(value)]


def converted(x: Array, dtype: np.dtype[Any]) -> Array:
    """As `tf.cast` does it.

    Raises:
        ValueError: a float that a small whole number cannot hold; C++ leaves open what comes of it.
    """
    if x.dtype.kind == "f" and dtype.kind in "iu" and dtype.itemsize < 4:
        bounds = np.iinfo(dtype)
        if not ((x > bounds.min - 1) & (x < bounds.max + 1)).all():
            raise ValueError(f"a float that {dtype} cannot hold")
    return np.asarray(x.astype(dtype))


def dtype_of(name: Any, like: Array) -> np.dtype[Any]:
    """The dtype of a name; `float32` and `complex64` are of the run, so that float64 runs stay float64."""
    text = str(getattr(name, "name", name))
    if text in ("float32", "floatx", "DT_FLOAT"):
        return np.dtype("float64" if like.dtype in (np.float64, np.complex128) else "float32")
    if text in ("complex64", "DT_COMPLEX64"):
        return np.dtype("complex128" if like.dtype in (np.float64, np.complex128) else "complex64")
    return np.dtype(NODE_TYPES.get(text, text))


NODE_TYPES = {
    "DT_DOUBLE": "float64",
    "DT_HALF": "float16",
    "DT_INT32": "int32",
    "DT_INT64": "int64",
    "DT_BOOL": "bool",
    "DT_UINT8": "uint8",
    "DT_INT8": "int8",
    "DT_INT16": "int16",
}
