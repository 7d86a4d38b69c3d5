"""`keras.ops` that reshape, join, repeat and pick."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.functions.arguments import integers, static
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.keras_ops import tensorflow
from k2to3.functions.operands import as_tensor
from k2to3.functions.values import Value

symbol = Family()


@symbol("keras.ops.reshape")
def reshape(emitter: Emitter, x: Value, newshape: Value) -> Any:
    return tensorflow(emitter, "reshape", x, newshape)


@symbol("keras.ops.transpose")
def transpose(emitter: Emitter, x: Value, axes: Value = None) -> Any:
    return tensorflow(emitter, "transpose", x, axes)


@symbol("keras.ops.swapaxes")
def swapaxes(emitter: Emitter, x: Value, axis1: Value, axis2: Value) -> Any:
    rank = len(as_tensor(emitter, x).shape)
    order = list(range(rank))
    first, second = (n % rank for n in integers(emitter, [axis1, axis2], "axes"))
    order[first], order[second] = order[second], order[first]
    return tensorflow(emitter, "transpose", x, order)


@symbol("keras.ops.expand_dims")
def expand_dims(emitter: Emitter, x: Value, axis: Value) -> Any:
    return tensorflow(emitter, "expand_dims", x, axis)


@symbol("keras.ops.squeeze")
def squeeze(emitter: Emitter, x: Value, axis: Value = None) -> Any:
    return tensorflow(emitter, "squeeze", x, axis)


@symbol("keras.ops.concatenate")
def concatenate(emitter: Emitter, xs: Value, axis: Value = 0) -> Any:
    return tensorflow(emitter, "concat", xs, axis)


@symbol("keras.ops.stack")
def stack(emitter: Emitter, x: Value, axis: Value = 0) -> Any:
    return tensorflow(emitter, "stack", x, axis)


@symbol("keras.ops.unstack")
def unstack(emitter: Emitter, x: Value, num: Value = None, axis: Value = 0) -> Any:
    return tensorflow(emitter, "unstack", x, num, axis)


@symbol("keras.ops.split")
def split(emitter: Emitter, x: Value, indices_or_sections: Value, axis: Value = 0) -> Any:
    """Cuts by where they lie; TensorFlow counts sizes."""
    cuts = static(emitter, indices_or_sections, "indices_or_sections")
    if isinstance(cuts, int):
        return tensorflow(emitter, "split", x, cuts, axis)
    sizes = [int(n) for n in np.diff([0, *cuts])]
    return tensorflow(emitter, "split", x, [*sizes, -1], axis)


@symbol("keras.ops.tile")
def tile(emitter: Emitter, x: Value, repeats: Value) -> Any:
    return tensorflow(emitter, "tile", x, repeats)


@symbol("keras.ops.repeat")
def repeat(emitter: Emitter, x: Value, repeats: Value, axis: Value = None) -> Any:
    return tensorflow(emitter, "repeat", x, repeats, axis)


@symbol("keras.ops.flip")
def flip(emitter: Emitter, x: Value, axis: Value = None) -> Any:
    rank = len(as_tensor(emitter, x).shape)
    return tensorflow(emitter, "reverse", x, list(range(rank)) if axis is None else axis)


@symbol("keras.ops.roll")
def roll(emitter: Emitter, x: Value, shift: Value, axis: Value = None) -> Any:
    if axis is None:
        raise emitter.refuse("keras.ops.roll without an axis")
    return tensorflow(emitter, "roll", x, shift, axis)


@symbol("keras.ops.pad")
def pad(emitter: Emitter, x: Value, pad_width: Value, mode: Value = "constant", constant_values: Value = None) -> Any:
    width = static(emitter, pad_width, "pad_width")
    if not isinstance(width, list) or not all(isinstance(item, list) and len(item) == 2 for item in width):
        raise emitter.refuse("keras.ops.pad with anything but a pair of widths for each axis")
    return tensorflow(emitter, "pad", x, width, mode, constant_values or 0)


@symbol("keras.ops.take")
def take(emitter: Emitter, x: Value, indices: Value, axis: Value = None) -> Any:
    if axis is None:
        raise emitter.refuse("keras.ops.take without an axis")
    return tensorflow(emitter, "gather", x, indices, axis=axis)


@symbol("keras.ops.one_hot")
def one_hot(emitter: Emitter, x: Value, num_classes: Value, axis: Value = -1, dtype: Value = None) -> Any:
    return tensorflow(emitter, "one_hot", x, num_classes, axis=axis, dtype=dtype or "float32")


@symbol("keras.ops.top_k")
def top_k(emitter: Emitter, x: Value, k: Value, sorted: Value = True) -> Any:
    return tensorflow(emitter, "top_k", x, k)


@symbol("keras.ops.sort")
def sort(emitter: Emitter, x: Value, axis: Value = -1) -> Any:
    return tensorflow(emitter, "sort", x, axis)


@symbol("keras.ops.argsort")
def argsort(emitter: Emitter, x: Value, axis: Value = -1) -> Any:
    return tensorflow(emitter, "argsort", x, axis)


@symbol("keras.ops.broadcast_to")
def broadcast_to(emitter: Emitter, x: Value, shape: Value) -> Any:
    return tensorflow(emitter, "broadcast_to", x, shape)


@symbol("keras.ops.zeros")
def zeros(emitter: Emitter, shape: Value, dtype: Value = None) -> Any:
    return tensorflow(emitter, "zeros", shape, dtype or "float32")


@symbol("keras.ops.ones")
def ones(emitter: Emitter, shape: Value, dtype: Value = None) -> Any:
    return tensorflow(emitter, "ones", shape, dtype or "float32")


@symbol("keras.ops.arange")
def arange(emitter: Emitter, start: Value, stop: Value = None, step: Value = 1, dtype: Value = None) -> Any:
    first, last = (0, start) if stop is None else (start, stop)
    return tensorflow(emitter, "range", first, last, step, dtype)


@symbol("keras.ops.ndim")
def ndim(emitter: Emitter, x: Value) -> Any:
    return len(as_tensor(emitter, x).shape)
