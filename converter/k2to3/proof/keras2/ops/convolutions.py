"""Convolutions and their transposes: nn_ops.py, nn_impl.py.

What follows the padding is taken by name alone: its order is another one in TensorFlow 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.proof.keras2.ops import spatial
from k2to3.proof.keras2.ops.arithmetic import Op
from k2to3.proof.keras2.ops.values import ints, tensor
from k2to3.proof.keras2.tensor import Array
from k2to3.proof.keras2.windows import correlate, depthwise, spread


def convolved(x: Array, filters: Any, strides: Any, padding: Any, data_format: Any, dilations: Any) -> Array:
    """Any rank of one to three; leading axes beyond the batch are batch too."""
    kernel = np.asarray(filters, dtype=x.dtype)
    rank = kernel.ndim - 2
    extra = x.shape[: x.ndim - rank - 1]
    flat = spatial.last(x.reshape(-1, *x.shape[len(extra) :]), data_format)
    flat, padding = spatial.explicitly(flat, padding, 0, data_format)
    groups, rest = divmod(flat.shape[-1], kernel.shape[-2])
    if rest:
        raise ValueError("channels that are no multiple of the kernel's")
    steps, holes = (spatial.each(value, rank, data_format) for value in (strides, dilations))
    windows = spatial.windows_of(flat.shape[1:-1], kernel.shape[:-2], steps, holes, padding)
    found = spatial.back(correlate(flat, kernel, windows, groups), data_format)
    return found.reshape(*extra, *found.shape[1:])


def _of_rank(rank: int) -> Op:
    def op(
        input: Any, filters: Any = None, strides: Any = 1, padding: Any = "VALID", *, data_format: Any = None,
        dilations: Any = None, filter: Any = None, use_cudnn_on_gpu: Any = None,
    ) -> Array:  # fmt: skip
        kernel = np.asarray(filter if filters is None else filters)
        if kernel.ndim != rank + 2:
            raise ValueError(f"a kernel of rank {kernel.ndim}")
        return convolved(tensor(input), kernel, strides, padding, data_format, dilations)

    return op


def conv1d(
    input: Any = None, filters: Any = None, stride: Any = 1, padding: Any = "VALID", *, data_format: Any = None,
    dilations: Any = None, use_cudnn_on_gpu: Any = None, value: Any = None,
) -> Array:  # fmt: skip
    x = tensor(value if input is None else input)
    return convolved(x, filters, stride, padding, data_format, dilations)


def convolution(
    input: Any, filters: Any = None, *, strides: Any = None, padding: Any = "VALID", data_format: Any = None,
    dilations: Any = None, filter: Any = None, dilation_rate: Any = None,
) -> Array:  # fmt: skip
    kernel = filter if filters is None else filters
    return convolved(
        tensor(input), kernel, strides, padding, data_format, dilation_rate if dilations is None else dilations
    )


def atrous_conv2d(value: Any, filters: Any, rate: Any, padding: str) -> Array:
    return convolved(tensor(value), filters, 1, padding, None, ints(rate))


def depthwise_conv2d(
    input: Any, filter: Any, strides: Any, padding: Any, *, data_format: Any = None, dilations: Any = None,
    rate: Any = None,
) -> Array:  # fmt: skip
    kernel = np.asarray(filter, dtype=tensor(input).dtype)
    x, padding = spatial.explicitly(spatial.last(tensor(input), data_format), padding, 0, data_format)
    steps = spatial.each(strides, 2, data_format)
    holes = spatial.each(rate if dilations is None else dilations, 2, data_format)
    windows = spatial.windows_of(x.shape[1:-1], kernel.shape[:2], steps, holes, padding)
    return spatial.back(depthwise(x, kernel, windows), data_format)


def separable_conv2d(
    input: Any, depthwise_filter: Any, pointwise_filter: Any, strides: Any, padding: Any, *, data_format: Any = None,
    dilations: Any = None, rate: Any = None,
) -> Array:  # fmt: skip
    found = depthwise_conv2d(
        input, depthwise_filter, strides, padding, data_format=data_format, dilations=dilations, rate=rate
    )
    return convolved(found, pointwise_filter, 1, "VALID", data_format, None)


def transposed(
    input: Any = None, filters: Any = None, output_shape: Any = None, strides: Any = 1, padding: Any = "SAME",
    *, data_format: Any = None, dilations: Any = None, value: Any = None, filter: Any = None,
) -> Array:  # fmt: skip
    """The gradient of a convolution by its input, of the shape that is given; kernels (…places, out, in)."""
    x = spatial.last(tensor(value if input is None else input), data_format)
    kernel = np.asarray(filter if filters is None else filters, dtype=x.dtype)
    rank = kernel.ndim - 2
    shape = ints(output_shape)
    lengths = shape[2:] if spatial.channels_first(data_format) else shape[1:-1]
    steps, holes = (spatial.each(value, rank, data_format) for value in (strides, dilations))
    if not isinstance(padding, str) or x.ndim != rank + 2:
        raise ValueError("explicit padding")
    windows = spatial.windows_of(lengths, kernel.shape[:-2], steps, holes, padding)
    if [w.count for w in windows] != list(x.shape[1:-1]):
        raise ValueError("an output_shape that does not fit")
    return spatial.back(spread(x, kernel, windows, lengths), data_format)


OPS: dict[str, Op] = {
    "conv1d": conv1d,
    "conv2d": _of_rank(2),
    "conv3d": _of_rank(3),
    "convolution": convolution,
    "atrous_conv2d": atrous_conv2d,
    "depthwise_conv2d": depthwise_conv2d,
    "depthwise_conv2d_native": depthwise_conv2d,
    "separable_conv2d": separable_conv2d,
    "conv1d_transpose": transposed,
    "conv2d_transpose": transposed,
    "conv3d_transpose": transposed,
    "conv_transpose": transposed,
}
