"""Subscripts: integers, slices, ellipsis, newaxis, and TensorFlow's slice functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.functions.arguments import integer, integers
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.extents import same_extent
from k2to3.functions.indexing import index_operand, take
from k2to3.functions.operands import as_tensor
from k2to3.functions.shaping import squeeze
from k2to3.functions.subscripts import settled, taken
from k2to3.functions.values import RuntimeDim, RuntimeInteger, Value, holds_runtime
from k2to3.keras3.graph import Tensor

symbol = Family()
MASKS = 1 << 31


@symbol("tf.__operators__.getitem", "tf.__operators__.ragged_getitem")
def getitem(emitter: Emitter, tensor: Value, slice_spec: Value, var: Value = None) -> Any:
    """A subscript; negative steps become a Flip, which PyTorch needs."""
    spec = list(slice_spec) if isinstance(slice_spec, (list, tuple)) else [slice_spec]
    if not isinstance(tensor, Tensor):
        return _constant(emitter, tensor, spec)
    _check_bounds(emitter, spec)
    tensor, full = settled(emitter, tensor, _expanded(emitter, tensor, spec))
    flips: list[int] = []
    key: list[Any] = []
    axis = 0
    for item in full:
        if item is None:
            key.append(None)
            continue
        extent = tensor.shape[axis]
        if isinstance(item, slice):
            item, turned = _slice(emitter, tensor, axis, item)
            if turned:
                flips.append(axis)
        else:
            item = integer(emitter, item, "an index")
            if extent is not None and not -extent <= item < extent:
                raise emitter.refuse(f"index {item} of an axis of extent {extent}")
        key.append(item)
        axis += 1
    for one in flips:
        tensor = emitter.op("numpy.Flip", tensor, config={"axis": one})
    if all(item == slice(None) for item in key):
        return tensor
    while key and key[-1] == slice(None):
        key.pop()
    return emitter.op("numpy.GetItem", tensor, key)


def _check_bounds(emitter: Emitter, spec: list[Value]) -> None:
    """Beside a tensor of int32 TensorFlow makes int32 of each number, and of those that are too large another."""
    numbers = [n for item in spec for n in ((item.start, item.stop) if isinstance(item, slice) else (item,))]
    large = [n for n in numbers if isinstance(n, (int, np.integer)) and not -MASKS <= n < MASKS]
    if large and holds_runtime(numbers):
        raise emitter.refuse(f"{large[0]}, a number of more than 32 bits, in a subscript with tensors")


def _constant(emitter: Emitter, value: Value, spec: list[Value]) -> Any:
    array = value if isinstance(value, np.ndarray) else np.asarray(value)
    chosen = [axis for axis, item in enumerate(spec) if isinstance(item, Tensor)]
    if chosen and len(chosen) == 1:
        return _chosen(emitter, array, spec, chosen)
    if holds_runtime(spec):
        raise emitter.refuse("a subscript of a constant that is only known at run time")
    try:
        return array[tuple(spec)]
    except (IndexError, TypeError) as error:
        raise emitter.refuse(f"subscript of a constant: {error}") from error


def _chosen(emitter: Emitter, value: Any, spec: list[Value], chosen: list[int]) -> Any:
    """`x[:, i]` with a scalar tensor `i`."""
    at = chosen[0]
    plain = all(item == slice(None) for i, item in enumerate(spec) if i != at)
    if len(chosen) > 1 or not plain or spec[at].shape:
        raise emitter.refuse("a subscript that is a tensor", hint="tf.gather says the same and is converted")
    if not isinstance(value, Tensor) and value.dtype == "float64":
        value = value.astype("float32")
    return take(emitter, value, index_operand(emitter, spec[at]), at)


def _expanded(emitter: Emitter, tensor: Tensor, spec: list[Value]) -> list[Value]:
    """The subscript with one item per axis, the ellipsis written out."""
    if any(isinstance(item, np.ndarray) and item.ndim for item in spec):
        raise emitter.refuse("a subscript that is an array", hint="tf.gather says the same and is converted")
    taken = sum(item is not None and item is not Ellipsis for item in spec)
    missing = len(tensor.shape) - taken
    if missing < 0:
        raise emitter.refuse(f"{taken} subscripts of a tensor of rank {len(tensor.shape)}")
    fill = [slice(None)] * missing
    if Ellipsis in [item for item in spec if not isinstance(item, (np.ndarray, RuntimeInteger))]:
        at = next(i for i, item in enumerate(spec) if item is Ellipsis)
        return [*spec[:at], *fill, *spec[at + 1 :]]
    return [*spec, *fill]


def _slice(emitter: Emitter, tensor: Tensor, axis: int, item: slice) -> tuple[slice, bool]:
    """A slice with a positive step, and whether the axis is flipped before."""
    step = 1 if item.step is None else integer(emitter, item.step, "a step")
    if step == 0:
        raise emitter.refuse("a slice with the step 0")
    start, stop = (_bound(emitter, bound) for bound in (item.start, item.stop))
    if step > 0:
        return _tidy(start, stop, step), False
    # Position i from the front is -1 - i from the front of the flipped axis.
    flipped = [None if bound is None else -1 - bound for bound in (start, stop)]
    extent = tensor.shape[axis]
    for index, bound in enumerate(flipped):
        if bound is not None and bound >= 0 and extent is None and index == 0 and start is not None and start >= 0:
            raise emitter.refuse("a negative step over an extent that only the running model knows")
    return _tidy(flipped[0], flipped[1], -step), True


def _tidy(start: int | None, stop: int | None, step: int) -> slice:
    return slice(None if start == 0 else start, stop, None if step == 1 else step)


def _bound(emitter: Emitter, bound: Value) -> int | None:
    return None if bound is None else integer(emitter, bound, "a slice bound")


@symbol("tf.slice", "K.slice")
def slice_of(emitter: Emitter, input_: Value, begin: Value, size: Value, name: Value = None) -> Any:
    """`size` -1 means up to the end."""
    starts, sizes = (list(v) if isinstance(v, (list, tuple, np.ndarray)) else [v] for v in (begin, size))
    spec: list[Value] = []
    for axis, (start, length) in enumerate(zip(starts, sizes, strict=True)):
        if isinstance(start, Tensor):
            # TensorFlow raises an error where the slice leaves the axis.
            input_ = taken(emitter, as_tensor(emitter, input_), axis, start, integer(emitter, length, "size"))
            spec.append(slice(None))
            continue
        first = integer(emitter, start, "begin")
        if isinstance(length, RuntimeDim) and first == 0 and same_extent(length, RuntimeDim(input_, axis)):
            spec.append(slice(None))
            continue
        count = integer(emitter, length, "size")
        spec.append(slice(first, None if count == -1 else first + count))
    return getitem(emitter, input_, spec)


def _one_element(emitter: Emitter, value: Value, begin: Tensor, shrink: int) -> Any:
    """`x[i]` with a tensor `i`, as Keras 2 stored it: from `[i]` to `[i + 1]`, the axis shrunk."""
    if shrink != 1 or begin.shape != (1,):
        raise emitter.refuse("a slice whose bounds are tensors")
    return getitem(emitter, value, [squeeze(emitter, begin, [0])])


@symbol("tf.strided_slice")
def strided_slice(
    emitter: Emitter,
    input_: Value,
    begin: Value,
    end: Value,
    strides: Value = None,
    begin_mask: Value = 0,
    end_mask: Value = 0,
    ellipsis_mask: Value = 0,
    new_axis_mask: Value = 0,
    shrink_axis_mask: Value = 0,
    var: Value = None,
    name: Value = None,
) -> Any:
    """Bit i of a mask speaks of position i of the subscript."""
    for mask in (begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask):
        if not -MASKS <= mask < MASKS:
            raise emitter.refuse(f"{mask} as a mask of 32 bits")
    if isinstance(begin, Tensor):
        return _one_element(emitter, input_, begin, shrink_axis_mask)
    starts, ends = (list(v) if isinstance(v, (list, tuple, np.ndarray)) else [v] for v in (begin, end))
    steps = [1] * len(starts) if strides is None else integers(emitter, strides, "strides")
    spec: list[Value] = []
    for i, (first, last, step) in enumerate(zip(starts, ends, steps, strict=True)):
        bit = 1 << i
        if ellipsis_mask & bit:
            spec.append(Ellipsis)
        elif new_axis_mask & bit:
            spec.append(None)
        elif shrink_axis_mask & bit:
            spec.append(first if not isinstance(first, (np.generic, int)) else int(first))
        else:
            bounds = (None if begin_mask & bit else first, None if end_mask & bit else last)
            spec.append(slice(*bounds, None if step == 1 else step))
    return getitem(emitter, input_, spec)
