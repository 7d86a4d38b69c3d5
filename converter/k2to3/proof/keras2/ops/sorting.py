"""Order: tensorflow/python/ops/sort_ops.py, array_ops.searchsorted. Of equal values the first comes first."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.proof.keras2.ops.arithmetic import Op
from k2to3.proof.keras2.ops.values import beside, dtype_of, floats, ints, tensor
from k2to3.proof.keras2.tensor import Array


def _descending(x: Array, axis: int) -> Array:
    """From the end, so that equal values stay in order."""
    size = x.shape[axis]
    return np.asarray(size - 1 - np.flip(np.argsort(np.flip(x, axis), axis=axis, kind="stable"), axis))


def argsort(values: Any, axis: int = -1, direction: str = "ASCENDING", stable: bool = False) -> Array:
    x = tensor(values)
    if direction not in ("ASCENDING", "DESCENDING"):
        raise ValueError(f"direction={direction!r}")
    found = np.argsort(x, axis=axis, kind="stable") if direction == "ASCENDING" else _descending(x, axis)
    return found.astype(np.int32)


def sort(values: Any, axis: int = -1, direction: str = "ASCENDING") -> Array:
    x = tensor(values)
    return np.take_along_axis(x, argsort(x, axis, direction), axis)


def top_k(input: Any, k: Any = 1, sorted: bool = True, *, index_type: Any = "int32") -> list[Array]:
    """Values and places along the last axis."""
    x = tensor(input)
    if not sorted:
        raise ValueError("top_k without an order")
    if ints(k)[0] > x.shape[-1]:
        raise ValueError("k is larger than the axis")
    places = _descending(x, -1)[..., : ints(k)[0]]
    return [np.take_along_axis(x, places, -1), places.astype(dtype_of(index_type, floats()))]


def searchsorted(sorted_sequence: Any, values: Any, side: str = "left", out_type: Any = "int32") -> Array:
    """For each row by itself."""
    if isinstance(sorted_sequence, np.ndarray):
        rows, wanted = sorted_sequence, beside(values, sorted_sequence)
    else:
        wanted = tensor(values)
        rows = np.asarray(sorted_sequence, dtype=wanted.dtype)
    if rows.shape[:-1] != wanted.shape[:-1] or side not in ("left", "right"):
        raise ValueError(f"searchsorted of {rows.shape} and {wanted.shape}")
    pairs = zip(rows.reshape(-1, rows.shape[-1]), wanted.reshape(-1, wanted.shape[-1]), strict=True)
    found = [np.sum(_before(row[:, np.newaxis], value, side), axis=0) for row, value in pairs]
    return np.asarray(found).reshape(wanted.shape).astype(dtype_of(out_type, floats()))


def _before(row: Array, value: Array, side: str) -> Any:
    return row < value if side == "left" else row <= value


def invert_permutation(x: Any) -> Array:
    places = tensor(x)
    if places.ndim != 1 or sorted(places.tolist()) != list(range(places.size)):
        raise ValueError("no permutation")
    return np.argsort(places).astype(places.dtype)


OPS: dict[str, Op] = {
    "argsort": argsort,
    "sort": sort,
    "top_k": top_k,
    "searchsorted": searchsorted,
    "invert_permutation": invert_permutation,
}
NAMES = {
    **{name: name for name in ("argsort", "sort", "searchsorted", "invert_permutation")},
    "math.top_k": "top_k",
    "nn.top_k": "top_k",
    "math.invert_permutation": "invert_permutation",
}
