"""`keras.backend`: convolutions, pooling, padding and resizing, on TensorFlow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from k2to3.errors import NotSpecified
from k2to3.proof.keras2 import pooling, resize
from k2to3.proof.keras2.author import Author
from k2to3.proof.keras2.tensor import Array
from k2to3.proof.keras2.windows import Window, correlate, depthwise, spread, window


def _last(x: Array, data_format: str | None) -> Array:
    return np.moveaxis(x, 1, -1) if data_format == "channels_first" else x


def _back(x: Array, data_format: str | None) -> Array:
    return np.moveaxis(x, -1, 1) if data_format == "channels_first" else x


def _each(value: Any, count: int) -> list[int]:
    return [int(value)] * count if isinstance(value, int) else [int(n) for n in value]


def _windows(lengths: Sequence[int], size: Sequence[int], strides: Any, padding: str, dilation: Any) -> list[Window]:
    count = len(lengths)
    geometry = zip(lengths, size, _each(strides, count), _each(dilation, count), strict=True)
    return [window(n, k, s, d, padding, False) for n, k, s, d in geometry]


def conv(
    author: Author, x: Array, kernel: Array, strides: Any = 1, padding: str = "valid", data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Array:  # fmt: skip
    x = _last(x, data_format)
    windows = _windows(x.shape[1:-1], kernel.shape[:-2], strides, padding, dilation_rate)
    return _back(correlate(x, kernel.astype(x.dtype), windows), data_format)


def depthwise_conv2d(
    author: Author, x: Array, depthwise_kernel: Array, strides: Any = (1, 1), padding: str = "valid",
    data_format: str | None = None, dilation_rate: Any = (1, 1),
) -> Array:  # fmt: skip
    x = _last(x, data_format)
    windows = _windows(x.shape[1:-1], depthwise_kernel.shape[:-2], strides, padding, dilation_rate)
    return _back(depthwise(x, depthwise_kernel.astype(x.dtype), windows), data_format)


def separable_conv(
    author: Author, x: Array, depthwise_kernel: Array, pointwise_kernel: Array, strides: Any = 1,
    padding: str = "valid", data_format: str | None = None, dilation_rate: Any = 1,
) -> Array:  # fmt: skip
    found = depthwise_conv2d(author, x, depthwise_kernel, strides, padding, data_format, dilation_rate)
    return conv(author, found, pointwise_kernel, data_format=data_format)


def conv2d_transpose(
    author: Author, x: Array, kernel: Array, output_shape: Any, strides: Any = (1, 1), padding: str = "valid",
    data_format: str | None = None,
) -> Array:  # fmt: skip
    lengths = [int(n) for n in output_shape][1:-1]
    if data_format == "channels_first":
        raise NotSpecified("K.conv2d_transpose with channels first")
    windows = _windows(lengths, kernel.shape[:-2], strides, padding, 1)
    if [w.count for w in windows] != list(x.shape[1:-1]):
        raise NotSpecified("K.conv2d_transpose to a shape that does not fit")
    return spread(x, kernel.astype(x.dtype), windows, lengths)


def pool(
    author: Author, x: Array, pool_size: Any, strides: Any = 1, padding: str = "valid", data_format: str | None = None,
    pool_mode: str = "max",
) -> Array:  # fmt: skip
    x = _last(x, data_format)
    windows = _windows(x.shape[1:-1], [int(n) for n in pool_size], strides, padding, 1)
    return _back({"max": pooling.maximum, "avg": pooling.average}[pool_mode](x, windows), data_format)


def temporal_padding(author: Author, x: Array, padding: Any = (1, 1)) -> Array:
    return np.pad(x, [(0, 0), tuple(padding), (0, 0)])


def spatial_padding(author: Author, x: Array, padding: Any = None, data_format: str | None = None) -> Array:
    around = [tuple(pair) for pair in padding] if padding is not None else [(1, 1)] * (x.ndim - 2)
    return _back(np.pad(_last(x, data_format), [(0, 0), *around, (0, 0)]), data_format)


def resize_images(
    author: Author, x: Array, height_factor: int, width_factor: int, data_format: str = "channels_last",
    interpolation: str = "nearest",
) -> Array:  # fmt: skip
    """Half-pixel centres in tf.keras from TensorFlow 1.15 on; for `nearest` that is the same."""
    x = _last(x, data_format)
    half = interpolation != "nearest" and author.since(None, (1, 15))
    found = resize.images(x, x.shape[1] * height_factor, x.shape[2] * width_factor, interpolation, half)
    return _back(found, data_format)


def resize_volumes(
    author: Author, x: Array, depth_factor: int, height_factor: int, width_factor: int, data_format: str
) -> Array:
    first = 2 if data_format == "channels_first" else 1
    for axis, factor in enumerate((depth_factor, height_factor, width_factor), first):
        x = np.repeat(x, factor, axis=axis)
    return x


FUNCTIONS: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(("conv1d", "conv2d", "conv3d"), conv),
    "depthwise_conv2d": depthwise_conv2d,
    **dict.fromkeys(("separable_conv1d", "separable_conv2d"), separable_conv),
    "conv2d_transpose": conv2d_transpose,
    **dict.fromkeys(("pool2d", "pool3d"), pool),
    "temporal_padding": temporal_padding,
    **dict.fromkeys(("spatial_2d_padding", "spatial_3d_padding"), spatial_padding),
    "resize_images": resize_images,
    "resize_volumes": resize_volumes,
}
