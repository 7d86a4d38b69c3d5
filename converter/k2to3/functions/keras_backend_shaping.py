"""`keras.backend`: functions that reshape, join, repeat and pick."""

from __future__ import annotations

from math import prod
from typing import Any

from k2to3.functions import encoding, gathering, joining, shaping
from k2to3.functions.arguments import integer, known_extent
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.padding import pad
from k2to3.functions.values import Value

symbol = Family()


@symbol("K.reshape")
def reshape(emitter: Emitter, x: Value, shape: Value) -> Any:
    return shaping.reshape(emitter, x, shape)


@symbol("K.permute_dimensions")
def permute_dimensions(emitter: Emitter, x: Value, pattern: Value) -> Any:
    return shaping.transpose(emitter, x, pattern)


@symbol("K.transpose")
def transpose(emitter: Emitter, x: Value) -> Any:
    return shaping.transpose(emitter, x)


@symbol("K.flatten")
def flatten(emitter: Emitter, x: Value) -> Any:
    return shaping.reshape(emitter, x, [-1])


@symbol("K.batch_flatten")
def batch_flatten(emitter: Emitter, x: Value) -> Any:
    inner = [known_extent(emitter, x, axis) for axis in range(1, len(x.shape))]
    return shaping.reshape(emitter, x, [-1, prod(inner)])


@symbol("K.expand_dims")
def expand_dims(emitter: Emitter, x: Value, axis: Value = -1, dim: Value = None) -> Any:
    return shaping.expand_dims(emitter, x, axis if dim is None else dim)


@symbol("K.squeeze")
def squeeze(emitter: Emitter, x: Value, axis: Value) -> Any:
    return shaping.squeeze(emitter, x, [axis])


@symbol("K.concatenate")
def concatenate(emitter: Emitter, tensors: Value, axis: Value = -1) -> Any:
    return joining.concat(emitter, tensors, axis)


@symbol("K.stack")
def stack(emitter: Emitter, x: Value, axis: Value = 0) -> Any:
    return joining.stack(emitter, x, axis)


@symbol("K.tile")
def tile(emitter: Emitter, x: Value, n: Value) -> Any:
    return joining.tile(emitter, x, n)


@symbol("K.repeat")
def repeat(emitter: Emitter, x: Value, n: Value) -> Any:
    return joining.tile(emitter, shaping.expand_dims(emitter, x, 1), [1, integer(emitter, n, "n"), 1])


@symbol("K.repeat_elements")
def repeat_elements(emitter: Emitter, x: Value, rep: Value, axis: Value) -> Any:
    return joining.repeat(emitter, x, rep, axis)


@symbol("K.reverse")
def reverse(emitter: Emitter, x: Value, axes: Value) -> Any:
    return shaping.reverse(emitter, x, axes)


@symbol("K.gather")
def gather(emitter: Emitter, reference: Value, indices: Value) -> Any:
    return gathering.gather(emitter, reference, indices, axis=0)


@symbol("K.one_hot")
def one_hot(emitter: Emitter, indices: Value, num_classes: Value) -> Any:
    return encoding.one_hot(emitter, indices, num_classes)


@symbol("K.temporal_padding")
def temporal_padding(emitter: Emitter, x: Value, padding: Value = (1, 1)) -> Any:
    return pad(emitter, x, [[0, 0], list(padding), [0, 0]])


@symbol("K.spatial_2d_padding")
def spatial_2d_padding(emitter: Emitter, x: Value, padding: Value = ((1, 1), (1, 1)), data_format: Value = None) -> Any:
    inner = [list(pair) for pair in padding]
    if data_format == "channels_first":
        return pad(emitter, x, [[0, 0], [0, 0], *inner])
    return pad(emitter, x, [[0, 0], *inner, [0, 0]])
