"""Convolutions with kernels that are constants or tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.functions.arguments import known_extent, static
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.operands import as_tensor, check_equal, constant_array, operand, shape_of
from k2to3.functions.values import Value, holds_runtime
from k2to3.functions.windows import channels_first, padding_of, spatial, to_first, to_last
from k2to3.keras3.graph import Tensor
from k2to3.keras3.layer import Layer
from k2to3.weights import Constant

symbol = Family()


def convolve(
    emitter: Emitter,
    class_name: str,
    x: Value,
    kernel: Value,
    strides: Value,
    padding: Value,
    data_format: Value,
    dilations: Value,
) -> Any:
    first = channels_first(data_format)
    tensor, mode = padding_of(emitter, as_tensor(emitter, x), padding)
    rank = len(tensor.shape) - 2
    steps = spatial(emitter, strides, rank, "strides", first)
    spread = spatial(emitter, dilations, rank, "dilations", first)
    tensor = to_last(emitter, tensor, first)
    filters = operand(emitter, kernel, tensor.dtype)
    window = shape_of(filters)
    if None in window:
        raise emitter.refuse("a kernel whose shape only the running model knows")
    config = {"strides": _one(steps), "padding": mode, "data_format": "channels_last", "dilation_rate": _one(spread)}
    found = emitter.op(f"nn.{class_name}", tensor, filters, config=config)
    return to_first(emitter, found, first)


def _one(values: list[int]) -> Any:
    return values[0] if len(set(values)) == 1 else values


@symbol("tf.nn.conv1d", "tf.compat.v1.nn.conv1d")
def conv1d(
    emitter: Emitter,
    input: Value,
    filters: Value,
    stride: Value = 1,
    padding: Value = "VALID",
    data_format: Value = None,
    dilations: Value = None,
    name: Value = None,
) -> Any:
    return convolve(emitter, "Conv", input, filters, stride, padding, data_format, dilations)


@symbol("tf.nn.conv2d", "tf.nn.conv3d", "tf.nn.convolution", "tf.compat.v1.nn.conv2d", "tf.compat.v1.nn.conv3d")
def conv(
    emitter: Emitter,
    input: Value,
    filters: Value,
    strides: Value = None,
    padding: Value = "VALID",
    data_format: Value = None,
    dilations: Value = None,
    name: Value = None,
) -> Any:
    return convolve(emitter, "Conv", input, filters, strides, padding, data_format, dilations)


@symbol("tf.compat.v1.nn.convolution")
def convolution_v1(
    emitter: Emitter,
    input: Value,
    filters: Value,
    padding: Value = "VALID",
    strides: Value = None,
    dilation_rate: Value = None,
    name: Value = None,
    data_format: Value = None,
    dilations: Value = None,
) -> Any:
    spread = dilations if dilation_rate is None else dilation_rate
    return convolve(emitter, "Conv", input, filters, strides, padding, data_format, spread)


@symbol("tf.nn.atrous_conv2d")
def atrous_conv2d(
    emitter: Emitter, input: Value, filters: Value, rate: Value, padding: Value, name: Value = None
) -> Any:
    return convolve(emitter, "Conv", input, filters, 1, padding, None, rate)


@symbol("tf.nn.depthwise_conv2d", "tf.nn.depthwise_conv2d_native")
def depthwise_conv2d(
    emitter: Emitter,
    input: Value,
    filter: Value,
    strides: Value,
    padding: Value,
    data_format: Value = None,
    dilations: Value = None,
    name: Value = None,
    rate: Value = None,
) -> Any:
    return convolve(
        emitter, "DepthwiseConv", input, filter, strides, padding, data_format, dilations if rate is None else rate
    )


@symbol("tf.nn.separable_conv2d")
def separable_conv2d(
    emitter: Emitter,
    input: Value,
    depthwise_filter: Value,
    pointwise_filter: Value,
    strides: Value,
    padding: Value,
    data_format: Value = None,
    dilations: Value = None,
    name: Value = None,
    rate: Value = None,
) -> Any:
    found = depthwise_conv2d(emitter, input, depthwise_filter, strides, padding, data_format, dilations, None, rate)
    return convolve(emitter, "Conv", found, pointwise_filter, 1, "VALID", data_format, 1)


@symbol("tf.nn.conv2d_transpose", "tf.nn.conv1d_transpose", "tf.nn.conv3d_transpose", "tf.nn.conv_transpose")
def conv_transpose(
    emitter: Emitter,
    input: Value,
    filters: Value,
    output_shape: Value,
    strides: Value,
    padding: Value = "SAME",
    data_format: Value = None,
    dilations: Value = None,
    name: Value = None,
) -> Any:
    """Only output shapes that Keras 3 would choose itself."""
    if channels_first(data_format):
        raise emitter.refuse("a transposed convolution in NCHW")
    tensor = as_tensor(emitter, input)
    rank = len(tensor.shape) - 2
    steps = spatial(emitter, strides, rank, "strides")
    if any(n != 1 for n in spatial(emitter, dilations, rank, "dilations")):
        raise emitter.refuse("a dilated transposed convolution")
    tensor, mode = padding_of(emitter, tensor, padding)
    if holds_runtime(filters):
        raise emitter.refuse("a transposed convolution with a kernel that is computed")
    kernel = constant_array(emitter, filters, tensor.dtype)
    window = kernel.shape
    if len(window) != rank + 2:
        raise emitter.refuse(f"a transposed convolution with a kernel of shape {list(window)}")
    inner = []
    for axis, (step, size) in enumerate(zip(steps, window, strict=False)):
        extent = known_extent(emitter, tensor, axis + 1)
        inner.append(extent * step + (max(int(size or 0) - step, 0) if mode == "valid" else 0))
    wanted = list(output_shape) if isinstance(output_shape, (list, tuple, np.ndarray)) else None
    inner.append(int(window[-2]))
    if wanted is None or [static(emitter, n, "output_shape") for n in wanted[1:]] != inner:
        raise emitter.refuse(f"a transposed convolution to another shape than {inner}")
    return transposed(emitter, tensor, kernel, steps, mode)


def transposed(emitter: Emitter, tensor: Tensor, kernel: Any, steps: list[int], mode: str) -> Tensor:
    """A layer with a frozen kernel: Keras 3's op passes its arguments in the wrong order (3.4 to 3.15)."""
    rank = len(steps)
    check_equal(emitter, [tensor.shape[-1:], tuple(kernel.shape[-1:])])
    emitter.note("rebuilt", "the constant kernel of a transposed convolution is a frozen weight of a layer")
    config = {
        "filters": int(kernel.shape[-2]),
        "kernel_size": [int(n) for n in kernel.shape[:rank]],
        "strides": steps,
        "padding": mode,
        "data_format": "channels_last",
        "use_bias": False,
    }
    class_name = f"Conv{rank}DTranspose"
    variables = [Constant(np.asarray(kernel, "float32"), "the constant kernel")]
    layer = Layer(emitter.weight_name(class_name), class_name, config, variables=list(variables), trainable=False)
    return emitter.call_layer(layer, tensor)
