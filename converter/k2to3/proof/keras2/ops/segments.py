"""Rows summed up by number: tensorflow/core/kernels/segment_reduction_ops_impl.h, math_ops.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from k2to3.proof.keras2.ops.arithmetic import Op
from k2to3.proof.keras2.ops.values import ints, tensor
from k2to3.proof.keras2.tensor import Array

Fold = Callable[[Array, Any, Array], Any]


def _rows(data: Any, segment_ids: Any) -> tuple[Array, Array]:
    """The data as rows, and the number of each."""
    x, numbers = tensor(data), tensor(segment_ids)
    if numbers.dtype.kind not in "iu" or x.shape[: numbers.ndim] != numbers.shape:
        raise ValueError(f"segments of shape {numbers.shape} of {x.shape}")
    return x.reshape(numbers.size, *x.shape[numbers.ndim :]), numbers.ravel()


def _folded(rows: Array, numbers: Array, count: int, fold: Fold, start: Any) -> Array:
    """Negative numbers are left out."""
    if (numbers >= count).any():
        raise ValueError("a segment outside of them")
    found = np.full((count, *rows.shape[1:]), start, rows.dtype)
    fold(found, numbers[numbers >= 0], rows[numbers >= 0])
    return found


def _sizes(rows: Array, numbers: Array, count: int) -> Array:
    found = np.bincount(numbers[numbers >= 0], minlength=count)
    return np.maximum(found, 1).reshape(-1, *(1,) * (rows.ndim - 1)).astype(rows.dtype)


def lowest(dtype: np.dtype[Any]) -> Any:
    """Of the float32 that float64 stands for here."""
    return np.iinfo(dtype).min if dtype.kind in "iu" else np.finfo(np.float32 if dtype == np.float64 else dtype).min


def highest(dtype: np.dtype[Any]) -> Any:
    return np.iinfo(dtype).max if dtype.kind in "iu" else -lowest(dtype)


def _reduced(name: str, rows: Array, numbers: Array, count: int) -> Array:
    if name in ("sum", "mean", "sqrt_n"):
        found = _folded(rows, numbers, count, np.add.at, 0)
        if name == "sum":
            return found
        if rows.dtype.kind != "f":
            raise ValueError("the mean of whole numbers")
        sizes = _sizes(rows, numbers, count)
        return np.asarray(found / (sizes if name == "mean" else np.sqrt(sizes)))
    if name == "prod":
        return _folded(rows, numbers, count, np.multiply.at, 1)
    if name == "max":
        return _folded(rows, numbers, count, np.maximum.at, lowest(rows.dtype))
    return _folded(rows, numbers, count, np.minimum.at, highest(rows.dtype))


def _unsorted(name: str) -> Op:
    """A segment of no rows: 0, the product 1, the maximum the lowest number there is."""

    def op(data: Any, segment_ids: Any, num_segments: Any) -> Array:
        return _reduced(name, *_rows(data, segment_ids), ints(num_segments)[0])

    return op


def _sorted(name: str) -> Op:
    """As many as the last number says; of no rows: 0, the product 1."""

    def op(data: Any, segment_ids: Any) -> Array:
        rows, numbers = _rows(data, segment_ids)
        if not numbers.size or (np.diff(numbers) < 0).any() or numbers[0] < 0:
            raise ValueError("segments out of order")
        found = _reduced(name, rows, numbers, int(numbers[-1]) + 1)
        if name in ("max", "min"):
            found[np.setdiff1d(np.arange(len(found)), numbers)] = 0
        return found

    return op


OPS: dict[str, Op] = {
    **{f"unsorted_segment_{name}": _unsorted(name) for name in ("sum", "mean", "max", "min", "prod", "sqrt_n")},
    **{f"segment_{name}": _sorted(name) for name in ("sum", "mean", "max", "min", "prod")},
}
NAMES = {f"{prefix}{name}": name for name in OPS for prefix in ("math.", "", "compat.v1.", "compat.v1.math.")}
