"""Counts: tensorflow/python/ops/bincount_ops.py, histogram_ops.py, confusion_matrix.py."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.proof.keras2.ops.arithmetic import Op
from k2to3.proof.keras2.ops.values import beside, dtype_of, floats, ints, tensor
from k2to3.proof.keras2.tensor import Array


def bincount(
    arr: Any, weights: Any = None, minlength: Any = None, maxlength: Any = None, dtype: Any = "int32",
    axis: Any = None, binary_output: bool = False,
) -> Array:  # fmt: skip
    """Of all numbers, or of each row; numbers from `maxlength` on are left out."""
    numbers = tensor(arr)
    if weights is not None or numbers.dtype.kind not in "iu" or (numbers < 0).any() or axis not in (None, 0, -1):
        raise ValueError("weights, negative numbers or another axis")
    size = int(numbers.max()) + 1 if numbers.size else 0
    size = size if minlength is None else max(size, ints(minlength)[0])
    size = size if maxlength is None else min(size, ints(maxlength)[0])
    rows = numbers.ravel() if axis in (None, 0) else numbers
    found = np.sum(rows[..., np.newaxis] == np.arange(size), axis=-2)
    return np.asarray(np.minimum(found, 1) if binary_output else found).astype(dtype_of(dtype, floats()))


def histogram_fixed_width_bins(values: Any, value_range: Any, nbins: Any = 100, dtype: Any = "int32") -> Array:
    """What is outside of the range is in the first or the last bin."""
    x, bins = tensor(values), ints(nbins)[0]
    low, high = beside(value_range, x)
    places = np.floor(bins * ((x - low) / (high - low)))
    return np.asarray(np.clip(places, 0, bins - 1)).astype(dtype_of(dtype, floats()))


def histogram_fixed_width(values: Any, value_range: Any, nbins: Any = 100, dtype: Any = "int32") -> Array:
    """The kernel divides by the width of a bin, in float64 (core/kernels/histogram_op.cc)."""
    x, bins = tensor(values), ints(nbins)[0]
    low, high = beside(value_range, x).astype(np.float64)
    above = (np.maximum(x, x.dtype.type(low)) - x.dtype.type(low)).astype(np.float64)
    places = np.minimum(above / ((high - low) / bins), bins - 1).astype(np.int64)
    return np.bincount(places.ravel(), minlength=bins).astype(dtype_of(dtype, floats()))


def confusion_matrix(
    labels: Any, predictions: Any, num_classes: Any = None, *, weights: Any = None, dtype: Any = "int32"
) -> Array:
    """Rows are labels, columns predictions."""
    wanted, found = tensor(labels), tensor(predictions)
    if weights is not None or wanted.ndim != 1 or found.ndim != 1:
        raise ValueError("weights or other ranks")
    size = int(max(wanted.max(), found.max())) + 1 if num_classes is None else ints(num_classes)[0]
    counts = np.zeros((size, size), dtype_of(dtype, floats()))
    if (wanted < 0).any() or (found < 0).any():
        raise ValueError("a negative class")
    np.add.at(counts, (wanted, found), 1)
    return counts


OPS: dict[str, Op] = {
    "bincount": bincount,
    "histogram_fixed_width": histogram_fixed_width,
    "histogram_fixed_width_bins": histogram_fixed_width_bins,
    "confusion_matrix": confusion_matrix,
}
NAMES = {
    **{f"{prefix}{name}": name for name in OPS for prefix in ("math.", "", "compat.v1.")},
}
