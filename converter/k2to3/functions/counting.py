"""Counting and searching: histograms, bins, confusion, sorted sequences."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.functions.arguments import integer, static
from k2to3.functions.casting import cast
from k2to3.functions.dtypes import INTEGERS, dtype_name, dtype_of, is_float
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.indexing import index_operand
from k2to3.functions.linalg import product
from k2to3.functions.operands import as_tensor, constant_array, elementwise, shape_of
from k2to3.functions.reductions import reduce
from k2to3.functions.shaping import expand_dims, reshape, swapped
from k2to3.functions.sorting import argsort, top_k
from k2to3.functions.values import Value, holds_runtime

symbol = Family()


@symbol("tf.searchsorted")
def searchsorted(
    emitter: Emitter,
    sorted_sequence: Value,
    values: Value,
    side: Value = "left",
    out_type: Value = "int32",
    name: Value = None,
) -> Any:
    """How many elements of the sequence are smaller (or not larger)."""
    kind = dtype_of(values if holds_runtime(values) else sorted_sequence)
    if side not in ("left", "right"):
        raise emitter.refuse(f"side {side!r}")
    sequence, wanted = (v if holds_runtime(v) else constant_array(emitter, v, kind) for v in (sorted_sequence, values))
    if len(shape_of(sequence)) > 1 and len(shape_of(sequence)) != len(shape_of(wanted)):
        raise emitter.refuse("searchsorted of operands of different rank")
    row, column = expand_dims(emitter, sequence, -2), expand_dims(emitter, wanted, -1)
    before = "numpy.Less" if side == "left" else "numpy.LessEqual"
    found = elementwise(emitter, before, row, column, dtype="bool")
    return reduce(emitter, "Sum", cast(emitter, found, dtype_name(emitter, out_type)), -1, False)


def classes(emitter: Emitter, index: Value, count: int) -> Any:
    """(…, n, count): whether the element is of that class."""
    numbers = np.arange(count, dtype=dtype_of(index))
    return elementwise(emitter, "numpy.Equal", expand_dims(emitter, index, -1), numbers, dtype="bool")


@symbol("tf.math.bincount")
def bincount(
    emitter: Emitter,
    arr: Value,
    weights: Value = None,
    minlength: Value = None,
    maxlength: Value = None,
    dtype: Value = "int32",
    name: Value = None,
    axis: Value = None,
    binary_output: Value = False,
) -> Any:
    """The number of bins must be fixed from both sides; what lies beyond is not counted."""
    low, high = static(emitter, minlength, "minlength"), static(emitter, maxlength, "maxlength")
    if low is None or low != high:
        raise emitter.refuse(
            "bincount with a number of bins that depends on the data",
            hint="minlength and maxlength of one value fix it",
        )
    if axis not in (None, -1) or weights is not None:
        raise emitter.refuse("bincount with weights, or along another axis than the last")
    index = index_operand(emitter, as_tensor(emitter, arr))
    if axis is None:
        index = reshape(emitter, index, [-1])
    member = classes(emitter, index, int(low))
    if binary_output:
        return cast(emitter, reduce(emitter, "Any", member, -2, False), dtype)
    return reduce(emitter, "Sum", cast(emitter, member, dtype), -2, False)


@symbol("tf.histogram_fixed_width_bins")
def histogram_bins(
    emitter: Emitter,
    values: Value,
    value_range: Value,
    nbins: Value = 100,
    dtype: Value = "int32",
    name: Value = None,
) -> Any:
    """Bins of one width; what lies outside falls into the first or last."""
    tensor, count = as_tensor(emitter, values), integer(emitter, nbins, "nbins")
    if not is_float(tensor.dtype):
        raise emitter.refuse("a histogram of integers")
    low, high = (float(v) for v in static(emitter, value_range, "value_range"))
    scaled = elementwise(emitter, "numpy.Subtract", tensor, low)
    scaled = elementwise(emitter, "numpy.TrueDivide", scaled, high - low)
    bins = elementwise(emitter, "numpy.Floor", elementwise(emitter, "numpy.Multiply", scaled, float(count)))
    limited = elementwise(emitter, "numpy.Minimum", elementwise(emitter, "numpy.Maximum", bins, 0.0), float(count - 1))
    return cast(emitter, limited, dtype)


@symbol("tf.histogram_fixed_width")
def histogram(
    emitter: Emitter,
    values: Value,
    value_range: Value,
    nbins: Value = 100,
    dtype: Value = "int32",
    name: Value = None,
) -> Any:
    bins = reshape(emitter, histogram_bins(emitter, values, value_range, nbins), [-1])
    member = classes(emitter, bins, integer(emitter, nbins, "nbins"))
    return reduce(emitter, "Sum", cast(emitter, member, dtype), 0, False)


@symbol("tf.math.confusion_matrix")
def confusion_matrix(
    emitter: Emitter,
    labels: Value,
    predictions: Value,
    num_classes: Value = None,
    weights: Value = None,
    dtype: Value = "int32",
    name: Value = None,
) -> Any:
    """Rows are labels, columns predictions."""
    if num_classes is None or weights is not None:
        raise emitter.refuse("a confusion matrix with weights, or whose size depends on the data")
    count = integer(emitter, num_classes, "num_classes")
    wanted = dtype_name(emitter, dtype)
    if wanted in INTEGERS and wanted not in ("int32", "int64"):
        raise emitter.refuse(f"a confusion matrix of {wanted}")
    one, other = (
        cast(emitter, classes(emitter, index_operand(emitter, v), count), "float32") for v in (labels, predictions)
    )
    return cast(emitter, product(emitter, swapped(emitter, one), other), wanted)


@symbol("tf.math.zero_fraction", "tf.nn.zero_fraction")
def zero_fraction(emitter: Emitter, value: Value, name: Value = None) -> Any:
    zero = elementwise(emitter, "numpy.Equal", as_tensor(emitter, value), 0, dtype="bool")
    return reduce(emitter, "Mean", cast(emitter, zero, "float32"), None, False)


@symbol("tf.math.invert_permutation")
def invert_permutation(emitter: Emitter, x: Value, name: Value = None) -> Any:
    if not holds_runtime(x):
        return np.argsort(constant_array(emitter, x)).astype("int32")
    return argsort(emitter, x)


@symbol("tf.approx_top_k")
def approx_top_k(
    emitter: Emitter,
    input: Value,
    k: Value,
    reduction_dimension: Value = -1,
    recall_target: Value = 0.95,
    is_max_k: Value = True,
    reduction_input_size_override: Value = -1,
    aggregate_to_topk: Value = True,
    name: Value = None,
) -> Any:
    """What `tf.math.approx_max_k` is stored as; exact on anything but a TPU."""
    tensor = as_tensor(emitter, input)
    if reduction_dimension not in (-1, len(tensor.shape) - 1) or not aggregate_to_topk:
        raise emitter.refuse("approx_top_k along another axis than the last, or not aggregated")
    if is_max_k:
        return top_k(emitter, tensor, k)
    values, index = top_k(emitter, elementwise(emitter, "numpy.Negative", tensor), k)
    return [elementwise(emitter, "numpy.Negative", values), index]


def _approximate(name_: str, largest: bool) -> None:
    def apply(emitter: Emitter, operand: Value, k: Value, *rest: Value, **options: Value) -> Any:
        values = dict(zip(("reduction_dimension", "recall_target"), rest, strict=False)) | options
        values.pop("name", None)
        return approx_top_k(emitter, operand, k, is_max_k=largest, **values)

    symbol(f"tf.math.{name_}")(apply)


_approximate("approx_max_k", True)
_approximate("approx_min_k", False)
