"""Blocks of pixels against channels; Keras 3 has classes for it only since 3.14."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.functions.arguments import integer, integers, known_extent, static
from k2to3.functions.convolution import transposed
from k2to3.functions.dtypes import is_float
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.operands import as_tensor
from k2to3.functions.padding import pad
from k2to3.functions.shaping import reshape, transpose
from k2to3.functions.slicing import getitem
from k2to3.functions.values import Value
from k2to3.functions.windows import channels_first, to_first, to_last
from k2to3.keras3.graph import Tensor

symbol = Family()


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
    kernel = _kernel(emitter, x, b, depth)
    return emitter.op("nn.Conv", x, kernel, config=config)


@symbol("tf.space_to_batch_nd", "tf.space_to_batch")
def space_to_batch(emitter: Emitter, input: Value, block_shape: Value, paddings: Value, name: Value = None) -> Any:
    blocks = integers(emitter, block_shape, "block_shape")
    width = static(emitter, paddings, "paddings")
    rank = len(input.shape)
    padded = pad(emitter, input, [[0, 0], *width, *([[0, 0]] * (rank - 1 - len(blocks)))])
    inner = [known_extent(emitter, padded, axis + 1) for axis in range(len(blocks))]
    rest = [known_extent(emitter, padded, axis) for axis in range(len(blocks) + 1, rank)]
    split = [n for extent, block in zip(inner, blocks, strict=True) for n in (extent // block, block)]
    found = reshape(emitter, padded, [-1, *split, *rest])
    count = len(blocks)
    order = [2 * i + 2 for i in range(count)] + [0] + [2 * i + 1 for i in range(count)]
    order += range(2 * count + 1, 2 * count + 1 + len(rest))
    found = transpose(emitter, found, order)
    return reshape(emitter, found, [-1, *(n // b for n, b in zip(inner, blocks, strict=True)), *rest])


@symbol("tf.compat.v1.space_to_batch")
def space_to_batch_v1(
    emitter: Emitter,
    input: Value,
    paddings: Value,
    block_size: Value = None,
    name: Value = None,
    block_shape: Value = None,
) -> Any:
    blocks = [integer(emitter, block_size, "block_size")] * 2 if block_shape is None else block_shape
    return space_to_batch(emitter, input, blocks, paddings)


@symbol("tf.batch_to_space_nd", "tf.batch_to_space")
def batch_to_space(emitter: Emitter, input: Value, block_shape: Value, crops: Value, name: Value = None) -> Any:
    """Blocks stand outermost in the batch."""
    blocks, cuts = integers(emitter, block_shape, "block_shape"), static(emitter, crops, "crops")
    tensor = as_tensor(emitter, input)
    count = len(blocks)
    inner = [known_extent(emitter, tensor, axis + 1) for axis in range(count)]
    rest = [known_extent(emitter, tensor, axis) for axis in range(count + 1, len(tensor.shape))]
    found = reshape(emitter, tensor, [*blocks, -1, *inner, *rest])
    order = [count]
    for i in range(count):
        order += [count + 1 + i, i]
    order += range(2 * count + 1, 2 * count + 1 + len(rest))
    found = transpose(emitter, found, order)
    found = reshape(emitter, found, [-1, *(n * b for n, b in zip(inner, blocks, strict=True)), *rest])
    kept = [slice(low, n * b - high) for (low, high), n, b in zip(cuts, inner, blocks, strict=True)]
    return getitem(emitter, found, [slice(None), *kept])


@symbol("tf.compat.v1.batch_to_space")
def batch_to_space_v1(
    emitter: Emitter,
    input: Value,
    crops: Value,
    block_size: Value = None,
    name: Value = None,
    block_shape: Value = None,
) -> Any:
    blocks = [integer(emitter, block_size, "block_size")] * 2 if block_shape is None else block_shape
    return batch_to_space(emitter, input, blocks, crops)
