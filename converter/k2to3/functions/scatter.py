"""Writing to places given by indices, and sums over segments."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.functions.arguments import integer, integers, static
from k2to3.functions.arithmetic import add_tensors
from k2to3.functions.conditions import where
from k2to3.functions.dtypes import dtype_of, is_float, numpy_dtype
from k2to3.functions.emitter import Emitter
from k2to3.functions.encoding import one_hot_of
from k2to3.functions.entries import Family
from k2to3.functions.indexing import index_operand
from k2to3.functions.operands import as_tensor, check_equal, check_size, constant_array, elementwise, operand, shape_of
from k2to3.functions.reductions import reduce
from k2to3.functions.shaping import expand_dims
from k2to3.functions.values import Value, holds_runtime
from k2to3.keras3.graph import Tensor
from k2to3.keras3.types import Shape

symbol = Family()


@symbol("tf.scatter_nd")
def scatter_nd(emitter: Emitter, indices: Value, updates: Value, shape: Value, name: Value = None) -> Any:
    """Zeros with the updates added at their places; the shape must be known."""
    target = integers(emitter, shape, "the shape")
    check_size(emitter, target)
    _check_updates(emitter, shape_of(indices), shape_of(updates), tuple(target))
    if not holds_runtime(indices):
        _check_places(emitter, np.asarray(static(emitter, indices, "indices")), target)
    if not holds_runtime(indices) and not holds_runtime(updates):
        return _scattered(emitter, indices, updates, target)
    index = index_operand(emitter, indices)
    kind = dtype_of(updates)
    values = updates if isinstance(updates, Tensor) else constant_array(emitter, updates, kind)
    config = {"shape": target}
    return emitter.op("core.Scatter", index, values, config=config)


def _check_updates(emitter: Emitter, places: Shape, updates: Shape, target: Shape) -> None:
    """An update for every place: an element, or what stands behind the axes that a place names."""
    if places and places[-1] is not None:
        check_equal(emitter, [updates, (*places[:-1], *target[places[-1] :])])


def _check_places(emitter: Emitter, indices: Any, shape: list[int]) -> None:
    """Every index is one of a place that there is."""
    deep = indices.shape[-1] if indices.ndim else 0
    fits = 0 < deep <= len(shape) and indices.dtype.kind in "iu"
    if not fits or not ((indices >= 0) & (indices < np.asarray(shape[:deep]))).all():
        raise emitter.refuse(f"writes to places that a tensor of shape {shape} does not have")


def _scattered(emitter: Emitter, indices: Value, updates: Value, shape: list[int]) -> Any:
    values = constant_array(emitter, updates)
    found = np.zeros(shape, values.dtype)
    np.add.at(found, tuple(np.moveaxis(np.asarray(indices), -1, 0)), values)
    return found


def _static_shape(emitter: Emitter, tensor: Tensor) -> list[int]:
    if None in tensor.shape:
        raise emitter.refuse("writing into a tensor whose shape only the running model knows")
    return [n for n in tensor.shape if n is not None]


def _counts(emitter: Emitter, tensor: Tensor, indices: Value, updates: Value) -> Any:
    """How often every element is written to, in the shape of `tensor`."""
    ones: Any = np.ones([n or 1 for n in shape_of(updates)], numpy_dtype(tensor.dtype))
    if isinstance(updates, Tensor):
        ones = emitter.op("numpy.OnesLike", updates)
    return scatter_nd(emitter, indices, ones, _static_shape(emitter, tensor))


@symbol("tf.tensor_scatter_nd_update", "tf.tensor_scatter_update")
def scatter_update(emitter: Emitter, tensor: Value, indices: Value, updates: Value, name: Value = None) -> Any:
    """TensorFlow leaves it open which of two updates of one element wins."""
    given = as_tensor(emitter, tensor)
    if holds_runtime(indices):
        return _updated(emitter, given, indices, updates)
    if len(np.unique(np.asarray(indices), axis=0)) != len(np.asarray(indices)):
        raise emitter.refuse("an element is written to twice, which TensorFlow does in any order")
    written = elementwise(emitter, "numpy.Greater", _counts(emitter, given, indices, updates), 0, dtype="bool")
    values = scatter_nd(emitter, indices, updates, _static_shape(emitter, given))
    return where(emitter, written, values, given)


def _updated(emitter: Emitter, tensor: Tensor, indices: Value, updates: Value) -> Any:
    """By Keras 3's own class, which PyTorch's backend only has for a list of indices."""
    index = index_operand(emitter, as_tensor(emitter, indices))
    if len(index.shape) != 2:
        raise emitter.refuse("updates whose indices are no list of places")
    _check_updates(emitter, index.shape, shape_of(updates), tensor.shape)
    values = operand(emitter, updates, tensor.dtype)
    return emitter.op("core.ScatterUpdate", tensor, index, values)


@symbol("tf.tensor_scatter_nd_add", "tf.tensor_scatter_add")
def scatter_add(emitter: Emitter, tensor: Value, indices: Value, updates: Value, name: Value = None) -> Any:
    given = as_tensor(emitter, tensor)
    return add_tensors(emitter, given, scatter_nd(emitter, indices, updates, _static_shape(emitter, given)))


@symbol("tf.tensor_scatter_nd_sub", "tf.tensor_scatter_sub")
def scatter_sub(emitter: Emitter, tensor: Value, indices: Value, updates: Value, name: Value = None) -> Any:
    given = as_tensor(emitter, tensor)
    values = scatter_nd(emitter, indices, updates, _static_shape(emitter, given))
    return elementwise(emitter, "numpy.Subtract", given, values)


def _extreme(name_: str, class_name: str) -> None:
    def apply(emitter: Emitter, tensor: Value, indices: Value, updates: Value, name: Value = None) -> Any:
        """Against the element, where one update is written; two would have to be compared first."""
        given = as_tensor(emitter, tensor)
        if holds_runtime(indices):
            raise emitter.refuse(f"{name_} at indices that are tensors: two updates of one element would be added")
        written = scatter_update(emitter, given, indices, updates)
        return elementwise(emitter, f"numpy.{class_name}", given, written)

    symbol(f"tf.{name_}")(apply)


_extreme("tensor_scatter_nd_max", "Maximum")
_extreme("tensor_scatter_nd_min", "Minimum")


def _segments(emitter: Emitter, data: Value, segment_ids: Value, num_segments: Value) -> tuple[Tensor, Any, int]:
    """The data, the ids, and how many segments there are."""
    if num_segments is not None:
        count = integer(emitter, num_segments, "num_segments")
    elif not holds_runtime(segment_ids):
        count = int(np.max(np.asarray(segment_ids))) + 1
    else:
        raise emitter.refuse("segments whose number only the running model knows")
    ids = segment_ids if isinstance(segment_ids, Tensor) else np.asarray(segment_ids, "int32")
    tensor = as_tensor(emitter, data)
    if len(shape_of(ids)) != 1:
        raise emitter.refuse("segment ids of more than one axis")
    return tensor, ids, count


def segment_sum(emitter: Emitter, data: Value, segment_ids: Value, num_segments: Value = None) -> Any:
    tensor, ids, count = _segments(emitter, data, segment_ids, num_segments)
    config = {"num_segments": count, "sorted": False}
    return emitter.op("math.SegmentSum", tensor, ids, config=config)


def _sizes(emitter: Emitter, ids: Any, count: int, tensor: Tensor) -> Any:
    """How many rows each segment has, ready to divide its sum; 1 where it has none."""
    if isinstance(ids, Tensor):
        columns = one_hot_of(emitter, ids, count, tensor.dtype)
        sizes = reduce(emitter, "Sum", columns, 0, False)
    else:
        sizes = np.bincount(ids[ids >= 0], minlength=count)[:count].astype(numpy_dtype(tensor.dtype))
    for _ in tensor.shape[1:]:
        sizes = expand_dims(emitter, sizes, -1)
    return elementwise(emitter, "numpy.Maximum", sizes, 1.0)


def segment_mean(emitter: Emitter, data: Value, segment_ids: Value, num_segments: Value = None) -> Any:
    tensor, ids, count = _segments(emitter, data, segment_ids, num_segments)
    if not is_float(tensor.dtype):
        raise emitter.refuse("the mean of integers")
    total = segment_sum(emitter, tensor, ids, count)
    return elementwise(emitter, "numpy.TrueDivide", total, _sizes(emitter, ids, count, tensor))


def segment_sqrt_n(emitter: Emitter, data: Value, segment_ids: Value, num_segments: Value = None) -> Any:
    tensor, ids, count = _segments(emitter, data, segment_ids, num_segments)
    if not is_float(tensor.dtype):
        raise emitter.refuse("the mean of integers")
    total = segment_sum(emitter, tensor, ids, count)
    root = elementwise(emitter, "numpy.Sqrt", _sizes(emitter, ids, count, tensor))
    return elementwise(emitter, "numpy.TrueDivide", total, root)


def _by_mask(class_name: str, neutral: str) -> Any:
    def apply(emitter: Emitter, data: Value, segment_ids: Value, num_segments: Value = None) -> Any:
        """Every segment looks at all rows; those of others count as neutral, as do no rows at all."""
        sorted_ids = num_segments is None
        tensor, ids, count = _segments(emitter, data, segment_ids, num_segments)
        kind = numpy_dtype(tensor.dtype)
        info: Any = np.finfo(kind) if is_float(tensor.dtype) else np.iinfo(kind)
        # An empty segment is 0 where the ids are sorted; TensorFlow's two functions differ in it.
        fill = {"low": info.min, "high": info.max, "one": 1}[neutral]
        if sorted_ids and set(range(count)) - set(np.asarray(ids).tolist()):
            raise emitter.refuse("segments without rows")
        rank = len(tensor.shape)
        rows = np.arange(count, dtype=dtype_of(ids)).reshape(count, 1)
        member = elementwise(emitter, "numpy.Equal", rows, ids, dtype="bool")
        for _ in range(rank - 1):
            member = expand_dims(emitter, member, -1)
        spread = expand_dims(emitter, tensor, 0)
        plain = float(fill) if is_float(tensor.dtype) else int(fill)
        kept = where(emitter, member, spread, plain)
        return reduce(emitter, class_name, kept, 1, False)

    return apply


def _segment(name: str, function: Any) -> None:
    def sorted_segments(emitter: Emitter, data: Value, segment_ids: Value, name: Value = None) -> Any:
        return function(emitter, data, segment_ids)

    def unsorted(emitter: Emitter, data: Value, segment_ids: Value, num_segments: Value, name: Value = None) -> Any:
        return function(emitter, data, segment_ids, num_segments)

    if name != "sqrt_n":
        symbol(f"tf.math.segment_{name}")(sorted_segments)
    symbol(f"tf.math.unsorted_segment_{name}")(unsorted)


SEGMENTS = {
    "sum": segment_sum,
    "mean": segment_mean,
    "sqrt_n": segment_sqrt_n,
    "max": _by_mask("Max", "low"),
    "min": _by_mask("Min", "high"),
    "prod": _by_mask("Prod", "one"),
}
for _name, _function in SEGMENTS.items():
    _segment(_name, _function)
