"""`keras.backend`: convolutions, pooling, resizing."""

from __future__ import annotations

from typing import Any

from k2to3.functions import convolution, image, pooling, windows
from k2to3.functions.arguments import integer, known_extent
from k2to3.functions.casting import cast
from k2to3.functions.dtypes import is_float
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.values import Value

symbol = Family()


@symbol("K.pool2d", "K.pool3d")
def pool(
    emitter: Emitter,
    x: Value,
    pool_size: Value,
    strides: Value = (1, 1),
    padding: Value = "valid",
    data_format: Value = None,
    pool_mode: Value = "max",
) -> Any:
    steps = list(strides) + [1] * (len(pool_size) - len(strides))
    kind = {"max": "Max", "avg": "Average"}[str(pool_mode)]
    return pooling.pool(emitter, kind, x, list(pool_size), steps, padding, data_format)


@symbol("K.conv1d", "K.conv2d", "K.conv3d")
def conv(
    emitter: Emitter,
    x: Value,
    kernel: Value,
    strides: Value = 1,
    padding: Value = "valid",
    data_format: Value = None,
    dilation_rate: Value = 1,
) -> Any:
    if padding == "causal":
        raise emitter.refuse("a causal convolution in the backend's words")
    first = "NCHW" if data_format == "channels_first" else None
    return convolution.convolve(emitter, "Conv", x, kernel, strides, padding, first, dilation_rate)


@symbol("K.depthwise_conv2d")
def depthwise_conv2d(
    emitter: Emitter,
    x: Value,
    depthwise_kernel: Value,
    strides: Value = (1, 1),
    padding: Value = "valid",
    data_format: Value = None,
    dilation_rate: Value = (1, 1),
) -> Any:
    first = "NCHW" if data_format == "channels_first" else None
    return convolution.convolve(emitter, "DepthwiseConv", x, depthwise_kernel, strides, padding, first, dilation_rate)


@symbol("K.resize_images")
def resize_images(
    emitter: Emitter,
    x: Value,
    height_factor: Value,
    width_factor: Value,
    data_format: Value = "channels_last",
    interpolation: Value = "nearest",
) -> Any:
    """UpSampling2D: half-pixel centres since TF 2; TensorFlow 1's differ for bilinear.

    Between whole numbers are floats, which the layer of Keras 3 would round.
    """
    first = data_format == "channels_first"
    factors = [integer(emitter, v, "a factor") for v in (height_factor, width_factor)]
    if interpolation != "nearest" and (not emitter.writer.tensorflow or emitter.writer.before(2, 3, 0)):
        raise emitter.refuse("bilinear resize_images as TensorFlow 1 computed it")
    tensor = windows.to_last(emitter, x, first)
    if interpolation != "nearest" and not is_float(tensor.dtype):
        tensor = cast(emitter, tensor, "float32")
    known = None not in tensor.shape[1:3]
    if interpolation == "nearest" or (interpolation == "bilinear" and known):
        config = {"size": factors, "interpolation": str(interpolation), "data_format": "channels_last"}
        found = emitter.call("UpSampling2D", config, tensor)
    else:
        size = [known_extent(emitter, tensor, axis) * factor for axis, factor in zip((1, 2), factors, strict=True)]
        found = image.resized(emitter, tensor, size, str(interpolation))
    return windows.to_first(emitter, found, first)
