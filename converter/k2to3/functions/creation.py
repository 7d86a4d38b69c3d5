"""Tensors made from nothing: constants where the shape is known, zeros of an input where not."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.functions.advice import unsupported
from k2to3.functions.arguments import integer, shape_items, static
from k2to3.functions.casting import cast
from k2to3.functions.dtypes import dtype_name, dtype_of, numpy_dtype
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.extents import like, ones_along
from k2to3.functions.joining import broadcast_to, stack
from k2to3.functions.operands import check_size, constant_array, elementwise, operand
from k2to3.functions.values import RuntimeDim, Value, holds_runtime, holds_tensor
from k2to3.functions.zeros import broadcast_onto, runtime_zeros
from k2to3.keras3.graph import Tensor

symbol = Family()
FIXED_RANGE = "a range of fixed length, multiplied by tf.sequence_mask, is converted"


def filled(emitter: Emitter, shape: Value, value: Value, dtype: str) -> Any:
    """A constant array, or one that grows with the batch."""
    extents = shape_items(emitter, shape)
    if not holds_runtime(extents) and not holds_runtime(value):
        check_size(emitter, extents)
        return np.full(extents, constant_array(emitter, value, dtype), numpy_dtype(dtype))
    if not holds_runtime(extents):
        extents = list(extents)
        tensor = operand(emitter, value, dtype)
        return emitter.op("numpy.BroadcastTo", tensor, config={"shape": extents})
    zeros = runtime_zeros(emitter, extents, dtype)
    plain = not holds_runtime(value) and not np.any(constant_array(emitter, value, dtype))
    return zeros if plain else broadcast_onto(emitter, zeros, value, dtype)


@symbol("tf.zeros")
def zeros(emitter: Emitter, shape: Value, dtype: Value = "float32", name: Value = None, layout: Value = None) -> Any:
    return filled(emitter, shape, 0, dtype_name(emitter, dtype or "float32"))


@symbol("tf.ones")
def ones(emitter: Emitter, shape: Value, dtype: Value = "float32", name: Value = None, layout: Value = None) -> Any:
    return filled(emitter, shape, 1, dtype_name(emitter, dtype or "float32"))


@symbol("tf.fill")
def fill(emitter: Emitter, dims: Value, value: Value, name: Value = None, layout: Value = None) -> Any:
    return filled(emitter, dims, value, dtype_of(value))


@symbol("tf.constant")
def constant(emitter: Emitter, value: Value, dtype: Value = None, shape: Value = None, name: Value = None) -> Any:
    if holds_runtime(value):
        return convert_to_tensor(emitter, value, dtype)
    array = constant_array(emitter, value, dtype_name(emitter, dtype) if dtype is not None else None)
    if shape is None:
        return array
    wanted = static(emitter, shape, "shape")
    check_size(emitter, wanted)
    return np.full(wanted, array) if array.size == 1 else np.reshape(array, wanted)


def _likes(symbol_name: str, value: int) -> Any:
    def apply(
        emitter: Emitter,
        input: Value,
        dtype: Value = None,
        name: Value = None,
        optimize: Value = True,
        layout: Value = None,
        tensor: Value = None,
    ) -> Value:
        kind = dtype_of(input) if dtype is None else dtype_name(emitter, dtype)
        if not isinstance(input, Tensor):
            return np.full(np.shape(input), value, numpy_dtype(kind))
        return like(emitter, symbol_name, input, kind)

    return apply


zeros_like = symbol("tf.zeros_like")(_likes("numpy.ZerosLike", 0))
ones_like = symbol("tf.ones_like")(_likes("numpy.OnesLike", 1))


@symbol("tf.range")
def range_of(
    emitter: Emitter, start: Value, limit: Value = None, delta: Value = 1, dtype: Value = None, name: Value = None
) -> Any:
    if limit is None:
        start, limit = 0, start
    if isinstance(start, list) and len(start) == 1:
        start = start[0]
    kind = dtype_name(emitter, dtype) if dtype is not None else dtype_of([start, limit, delta])
    if not holds_runtime([start, limit, delta]):
        found = np.arange(*(static(emitter, v, "a bound") for v in (start, limit, delta)))
        check_size(emitter, found.shape)
        return found.astype(numpy_dtype(kind))
    if not isinstance(limit, RuntimeDim) or holds_runtime([start, delta]):
        raise emitter.refuse("a range whose bounds only the running model knows", hint=FIXED_RANGE)
    counted = emitter.op("numpy.Cumsum", ones_along(emitter, limit, kind), config={"axis": 0})
    first, step = integer(emitter, start, "start"), integer(emitter, delta, "delta")
    if (first, step) != (0, 1):
        raise emitter.refuse("a range up to a runtime extent that does not start at 0 in steps of 1")
    return elementwise(emitter, "numpy.Subtract", counted, 1)


@symbol("tf.meshgrid")
def meshgrid(emitter: Emitter, *args: Value, indexing: Value = "xy", name: Value = None) -> Any:
    """Each vector along its axis, repeated along the others by zeros of their shapes."""
    if len(args) < 2:
        raise unsupported("tf.meshgrid", emitter.layer)
    if indexing not in ("xy", "ij"):
        raise emitter.refuse(f"a grid of {len(args)} operands with indexing={indexing!r}")
    if not holds_runtime(list(args)):
        arrays = [constant_array(emitter, value).reshape(-1) for value in args]
        check_size(emitter, tuple(len(array) for array in arrays))
        return [np.ascontiguousarray(found) for found in np.meshgrid(*arrays, indexing=indexing)]
    rows = [_along(emitter, value, _place(index, indexing), len(args)) for index, value in enumerate(args)]
    found = []
    for index, row in enumerate(rows):
        for other in [*rows[:index], *rows[index + 1 :]]:
            row = elementwise(emitter, "numpy.Add", row, zeros_like(emitter, other, dtype_of(row)))
        found.append(row)
    return found


def _place(index: int, indexing: str) -> int:
    """By `xy` the first two stand for columns and rows."""
    return 1 - index if indexing == "xy" and index < 2 else index


def _along(emitter: Emitter, value: Value, axis: int, rank: int) -> Value:
    target = [-1 if place == axis else 1 for place in range(rank)]
    if not isinstance(value, Tensor):
        return constant_array(emitter, value).reshape(target)
    if len(value.shape) > 1:
        raise emitter.refuse("a grid of tensors with more than one axis")
    return emitter.op("numpy.Reshape", value, config={"newshape": target})


@symbol("tf.linspace", "np.linspace")
def linspace(emitter: Emitter, start: Value, stop: Value, num: Value = 50, name: Value = None, axis: Value = 0) -> Any:
    first, last = (float(static(emitter, value, "a bound")) for value in (start, stop))
    return np.linspace(first, last, integer(emitter, num, "num"), axis=axis).astype("float32")


@symbol("tf.eye", "tf.linalg.eye")
def eye(
    emitter: Emitter,
    num_rows: Value,
    num_columns: Value = None,
    batch_shape: Value = None,
    dtype: Value = "float32",
    name: Value = None,
) -> Any:
    rows = integer(emitter, num_rows, "num_rows")
    columns = rows if num_columns is None else integer(emitter, num_columns, "num_columns")
    check_size(emitter, (rows, columns))
    found = np.eye(rows, columns, dtype=numpy_dtype(dtype_name(emitter, dtype)))
    if batch_shape is None:
        return found

    return broadcast_to(emitter, found, [*shape_items(emitter, batch_shape), rows, columns])


@symbol("tf.convert_to_tensor")
def convert_to_tensor(
    emitter: Emitter,
    input: Value,
    dtype: Value = None,
    dtype_hint: Value = None,
    name: Value = None,
    preferred_dtype: Value = None,
) -> Value:
    if isinstance(input, (list, tuple)) and holds_tensor(input):
        input = stack(emitter, input, 0)
    if isinstance(input, Tensor) or holds_runtime(input):
        return input if dtype is None else cast(emitter, input, dtype)
    return constant_array(emitter, input, dtype_name(emitter, dtype) if dtype is not None else None)
