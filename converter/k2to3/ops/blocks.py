"""Blocks of pixels against channels; Keras 3 has classes for it only since 3.14."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.ops.convolution import channels_first, to_first, to_last, transposed
from k2to3.ops.dtypes import is_float
from k2to3.ops.emitter import Emitter
from k2to3.ops.kit import integer, known_extent
from k2to3.ops.registry import symbol
from k2to3.ops.shaping import reshape, transpose
from k2to3.ops.values import Value
from k2to3.target.graph import Tensor


@symbol("tf.nn.depth_to_space")
def depth_to_space(
    emitter: Emitter, input: Value, block_size: Value, data_format: Value = "NHWC", name: Value = None
) -> Any:
    b, first = integer(emitter, block_size, "block_size"), channels_first(data_format)
    x = to_last(emitter, input, first)
    depth = known_extent(emitter, x, 3) // (b * b)
    if None in x.shape[1:3]:
        return to_first(emitter, _spread(emitter, x, b, depth), first)
    height, width = (known_extent(emitter, x, axis) for axis in (1, 2))
    found = reshape(emitter, x, [-1, height, width, b, b, depth])
    found = transpose(emitter, found, [0, 1, 3, 2, 4, 5])
    return to_first(emitter, reshape(emitter, found, [-1, height * b, width * b, depth]), first)


@symbol("tf.nn.space_to_depth")
def space_to_depth(
    emitter: Emitter, input: Value, block_size: Value, data_format: Value = "NHWC", name: Value = None
) -> Any:
    b, first = integer(emitter, block_size, "block_size"), channels_first(data_format)
    x = to_last(emitter, input, first)
    depth = known_extent(emitter, x, 3)
    if None in x.shape[1:3]:
        return to_first(emitter, _gathered(emitter, x, b, depth), first)
    height, width = (known_extent(emitter, x, axis) for axis in (1, 2))
    found = reshape(emitter, x, [-1, height // b, b, width // b, b, depth])
    found = transpose(emitter, found, [0, 1, 3, 2, 4, 5])
    return to_first(emitter, reshape(emitter, found, [-1, height // b, width // b, b * b * depth]), first)


def _kernel(emitter: Emitter, x: Tensor, b: int, depth: int) -> Any:
    """(b, b, depth, b·b·depth): one 1 for every channel of a block."""
    if not is_float(x.dtype):
        raise emitter.refuse("depth and space of integers whose height or width only the running model knows")
    return np.eye(b * b * depth, dtype=x.dtype).reshape(b, b, depth, b * b * depth)


def _spread(emitter: Emitter, x: Tensor, b: int, depth: int) -> Tensor:
    return transposed(emitter, x, _kernel(emitter, x, b, depth), [b, b], "valid")


def _gathered(emitter: Emitter, x: Tensor, b: int, depth: int) -> Tensor:
    config = {"strides": b, "padding": "valid", "data_format": "channels_last", "dilation_rate": 1}
    inner = (None if n is None else n // b for n in x.shape[1:3])
    kernel = _kernel(emitter, x, b, depth)
    return emitter.op("nn.Conv", x, kernel, config=config, shape=(x.shape[0], *inner, b * b * depth))
