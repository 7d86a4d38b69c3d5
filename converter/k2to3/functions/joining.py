"""Joining, cutting and repeating tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.functions.arguments import integer, known_extent, normal_axis, one_axis, shape_items, static
from k2to3.functions.dtypes import dtype_of
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.operands import as_tensor, check_fit, constant_array, elementwise, filled_like
from k2to3.functions.shaping import is_plain, reshape
from k2to3.functions.values import RuntimeDim, RuntimeInteger, Value, holds_runtime, holds_tensor
from k2to3.functions.zeros import broadcast_onto, runtime_zeros
from k2to3.keras3.graph import Tensor
from k2to3.keras3.types import Shape

symbol = Family()


@symbol("tf.concat")
def concat(emitter: Emitter, values: Value, axis: Value = -1, name: Value = None) -> Any:
    items = list(values) if isinstance(values, (list, tuple)) else [values]
    if not holds_tensor(items):
        if holds_runtime(items):
            return np.concatenate([np.asarray(item, object) for item in items])
        kind = dtype_of(next((i for i in items if isinstance(i, np.ndarray)), items))
        arrays = [constant_array(emitter, item, kind) for item in items]
        return np.concatenate(arrays, integer(emitter, axis, "axis"))
    first = next(item for item in items if isinstance(item, Tensor))
    along = one_axis(emitter, axis, len(first.shape))
    if len(items) == 1:
        return first
    ready = [item if isinstance(item, Tensor) else _constant_part(emitter, first, item, along) for item in items]
    return join(emitter, ready, along)


def join(emitter: Emitter, items: list[Tensor], axis: int) -> Tensor:
    """Concatenate tensors of one rank."""
    if len({len(item.shape) for item in items}) > 1:
        raise emitter.refuse("operands of different rank are concatenated")
    if axis > 0 and is_plain(*items) and len({item.dtype for item in items}) == 1 and len(set(map(id, items))) > 1:
        return emitter.call("Concatenate", {"axis": axis}, items)
    return emitter.op("numpy.Concatenate", items, config={"axis": axis})


def _constant_part(emitter: Emitter, model: Tensor, value: Value, axis: int) -> Tensor:
    """A constant operand of a concatenation: added to zeros that have the right batch."""
    if holds_runtime(value):
        return as_tensor(emitter, value, model.dtype)
    array = constant_array(emitter, value, model.dtype)
    if array.ndim != len(model.shape):
        raise emitter.refuse("operands of different rank are concatenated")
    unknown = [i for i, n in enumerate(model.shape) if n is None and i != axis]
    if not unknown or array.shape[unknown[0]] != 1:
        shape: list[Any] = [RuntimeDim(model, 0) if i in unknown and n == 1 else n for i, n in enumerate(array.shape)]
        if not any(isinstance(n, RuntimeInteger) for n in shape):
            raise emitter.refuse("a constant is concatenated along the batch")
    shape = [RuntimeDim(model, i) if i in unknown else n for i, n in enumerate(array.shape)]
    zeros = runtime_zeros(emitter, shape, model.dtype)
    found: Tensor = elementwise(emitter, "numpy.Add", zeros, array)
    return found


@symbol("tf.stack", "tf.parallel_stack", "tf.pack")
def stack(emitter: Emitter, values: Value, axis: Value = 0, name: Value = None) -> Any:
    items = list(values) if isinstance(values, (list, tuple)) else [values]
    if not holds_tensor(items):
        if holds_runtime(items):
            return np.array(items, object)
        kind = dtype_of(next((i for i in items if isinstance(i, np.ndarray)), items))
        return np.stack([constant_array(emitter, i, kind) for i in items], integer(emitter, axis, "axis"))
    if _is_subscript(items):
        found = np.empty(len(items), object)
        found[:] = items
        return found
    first = next(item for item in items if isinstance(item, Tensor))
    ready = [item if isinstance(item, Tensor) else _stacked_part(emitter, first, item) for item in items]
    rank = len(first.shape) + 1
    along = normal_axis(emitter, integer(emitter, axis, "axis"), rank)
    check_fit(emitter, [item.shape for item in ready])
    return emitter.op("numpy.Stack", ready, config={"axis": along})


def _is_subscript(items: list[Value]) -> bool:
    """Scalar integers of which some are known: the bounds of a slice, kept apart."""
    scalars = all(isinstance(v, int) or (isinstance(v, Tensor) and not v.shape and v.dtype == "int32") for v in items)
    return scalars and any(isinstance(v, int) for v in items)


def _stacked_part(emitter: Emitter, model: Tensor, value: Value) -> Tensor:
    if not model.shape and isinstance(value, RuntimeInteger):
        return as_tensor(emitter, value, model.dtype)
    return filled_like(emitter, model, value, model.dtype)


@symbol("tf.unstack", "tf.unpack")
def unstack(emitter: Emitter, value: Value, num: Value = None, axis: Value = 0, name: Value = None) -> Any:
    if not isinstance(value, Tensor):
        array = value if isinstance(value, np.ndarray) else np.asarray(value)
        return [array[(slice(None),) * integer(emitter, axis, "axis") + (i,)] for i in range(array.shape[axis])]
    along = one_axis(emitter, axis, len(value.shape))
    count = known_extent(emitter, value, along)
    key = [slice(None)] * along
    return [emitter.op("numpy.GetItem", value, [*key, i]) for i in range(count)]


@symbol("tf.split")
def split(
    emitter: Emitter,
    value: Value,
    num_or_size_splits: Value,
    axis: Value = 0,
    num: Value = None,
    name: Value = None,
) -> Any:
    sizes = static(emitter, num_or_size_splits, "the number of parts")
    if not isinstance(value, Tensor):
        array = constant_array(emitter, value)
        parts: Any = sizes if isinstance(sizes, int) else np.cumsum(sizes)[:-1]
        return list(np.split(array, parts, integer(emitter, axis, "axis")))
    along = one_axis(emitter, axis, len(value.shape))
    extent = value.shape[along]
    if isinstance(sizes, list):
        sizes = _solved_sizes(emitter, sizes, extent)
        if any(n < 0 for n in sizes) or (extent is not None and sum(sizes) != extent):
            raise emitter.refuse(f"splits {extent} into parts of {sizes}")
    if sizes == 1 or (isinstance(sizes, list) and len(sizes) == 1):
        return [value]
    parts = sizes if isinstance(sizes, int) else [int(n) for n in np.cumsum(sizes)[:-1]]
    return emitter.op_many("numpy.Split", value, config={"indices_or_sections": parts, "axis": along})


def _solved_sizes(emitter: Emitter, sizes: list[int], extent: int | None) -> list[int]:
    if -1 not in sizes:
        return sizes
    if extent is None or sizes.count(-1) > 1:
        raise emitter.refuse("a part of unknown size")
    rest = extent - sum(n for n in sizes if n != -1)
    return [rest if n == -1 else n for n in sizes]


@symbol("tf.tile")
def tile(emitter: Emitter, input: Value, multiples: Value, name: Value = None) -> Any:
    times = shape_items(emitter, multiples)
    if not holds_runtime(input) and not holds_runtime(times):
        return np.tile(constant_array(emitter, input), times)
    source_shape = input.shape if isinstance(input, Tensor) else np.shape(input)
    times = [1] * (len(source_shape) - len(times)) + times
    if any(isinstance(n, (RuntimeInteger, Tensor)) for n in times):
        return _tile_runtime(emitter, input, times, source_shape)
    tensor = as_tensor(emitter, input)
    if all(k == 1 for k in times):
        return tensor
    return emitter.op("numpy.Tile", tensor, config={"repeats": times})


def _tile_runtime(emitter: Emitter, input: Value, times: list[Any], shape: Shape) -> Any:
    """Tiling along axes of extent 1 is broadcasting."""
    if any(isinstance(k, (RuntimeInteger, Tensor)) and n != 1 for n, k in zip(shape, times, strict=True)):
        raise emitter.refuse("tiling by a factor that only the running model knows")
    fixed = [1 if isinstance(k, (RuntimeInteger, Tensor)) else k for k in times]
    tiled = tile(emitter, input, fixed)
    target = [k if isinstance(k, (RuntimeInteger, Tensor)) else 1 for k in times]
    kind = dtype_of(tiled)
    zeros = runtime_zeros(emitter, target, kind)
    return broadcast_onto(emitter, zeros, tiled, kind)


@symbol("tf.broadcast_to")
def broadcast_to(emitter: Emitter, input: Value, shape: Value, name: Value = None) -> Any:
    target = shape_items(emitter, shape)
    kind = dtype_of(input)
    if not holds_runtime(input) and not holds_runtime(target):
        return np.broadcast_to(constant_array(emitter, input), target)
    if not holds_runtime(target):
        tensor = as_tensor(emitter, input)
        return emitter.op("numpy.BroadcastTo", tensor, config={"shape": target})
    return broadcast_onto(emitter, runtime_zeros(emitter, target, kind), input, kind)


@symbol("tf.repeat")
def repeat(emitter: Emitter, input: Value, repeats: Value, axis: Value = None, name: Value = None) -> Any:
    counts = static(emitter, repeats, "repeats")
    if not holds_runtime(input):
        return np.repeat(constant_array(emitter, input), counts, axis)
    tensor = as_tensor(emitter, input)
    if axis is None:
        tensor, axis = reshape(emitter, tensor, [-1]), 0
    along = one_axis(emitter, axis, len(tensor.shape))
    if isinstance(counts, list) and len(counts) == 1:
        counts = counts[0]
    if isinstance(counts, list):
        index = np.repeat(np.arange(len(counts)), counts).astype("int32")
        return emitter.op("numpy.Take", tensor, index, config={"axis": along})
    return emitter.op("numpy.Repeat", tensor, config={"repeats": counts, "axis": along})
