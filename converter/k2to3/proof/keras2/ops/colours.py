"""Colours, brightness and dtypes of images: image_ops_impl.py, core/kernels/image/colorspace_op.h, adjust_*_op.cc.

Whole numbers are converted to float32 within [0, 1] and back, as TensorFlow does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from k2to3.proof.keras2.ops.arithmetic import Op
from k2to3.proof.keras2.ops.values import converted, dtype_of, tensor
from k2to3.proof.keras2.tensor import Array

GREY = (0.2989, 0.587, 0.114)
RGB_TO_YIQ = ((0.299, 0.59590059, 0.2115), (0.587, -0.27455667, -0.52273617), (0.114, -0.32134392, 0.31119955))
YIQ_TO_RGB = ((1, 1, 1), (0.95598634, -0.27201283, -1.10674021), (0.6208248, -0.64720424, 1.70423049))
RGB_TO_YUV = ((0.299, -0.14714119, 0.61497538), (0.587, -0.28886916, -0.51496512), (0.114, 0.43601035, -0.10001026))
YUV_TO_RGB = ((1, 1, 1), (0, -0.394642334, 2.03206185), (1.13988303, -0.58062185, 0))


def convert_image_dtype(image: Any, dtype: Any, saturate: bool = False) -> Array:
    """Floats are within [0, 1], whole numbers within [0, the largest of their type].

    Raises:
        ValueError: a number that the type cannot hold, where nothing saturates.
    """
    x = tensor(image)
    wanted = dtype if isinstance(dtype, np.dtype) else dtype_of(dtype, x)
    if wanted == x.dtype:
        return x
    if x.dtype.kind == "f":
        return x.astype(wanted) if wanted.kind == "f" else _to_whole(x, wanted, saturate)
    top = np.iinfo(x.dtype).max
    if wanted.kind == "f":
        return np.asarray(x.astype(wanted) * wanted.type(1 / top))
    return _between_wholes(x, wanted, saturate)


def _to_whole(x: Array, wanted: np.dtype[Any], saturate: bool) -> Array:
    bounds = np.iinfo(wanted)
    # Float32 as in TensorFlow: what is cut off next depends on how this is rounded.
    scaled = x.astype(np.float32) * np.float32(bounds.max + 0.5)
    if saturate and wanted.itemsize <= 2:
        return np.asarray(np.clip(scaled, bounds.min, bounds.max)).astype(wanted)
    if saturate or wanted.itemsize > 2:
        raise ValueError(f"a float that becomes {wanted}")
    return converted(scaled, wanted)


def _between_wholes(x: Array, wanted: np.dtype[Any], saturate: bool) -> Array:
    low, high = int(np.iinfo(x.dtype).max), int(np.iinfo(wanted).max)
    if np.iinfo(x.dtype).min < 0 or np.iinfo(wanted).min < 0:
        raise ValueError("signed images")
    if low > high:
        return np.asarray(x // x.dtype.type((low + 1) // (high + 1))).astype(wanted)
    return np.asarray(x.astype(wanted) * wanted.type((high + 1) // (low + 1)))


def _through_floats(change: Callable[[Array], Array], saturate: bool) -> Callable[[Any], Array]:
    """Computed in floats, given back in the dtype of the image."""

    def op(image: Any) -> Array:
        x = tensor(image)
        floats = x if x.dtype.kind == "f" else convert_image_dtype(x, "float32")
        return convert_image_dtype(change(floats), x.dtype, saturate)

    return op


def adjust_brightness(image: Any, delta: Any) -> Array:
    return _through_floats(lambda x: x + np.asarray(delta, x.dtype), True)(image)


def adjust_contrast(images: Any, contrast_factor: Any) -> Array:
    """Away from the mean of each channel of each image."""

    def change(x: Array) -> Array:
        mean = np.mean(x, axis=(-3, -2), keepdims=True)
        return np.asarray((x - mean) * np.asarray(contrast_factor, x.dtype) + mean)

    return _through_floats(change, True)(images)


def adjust_gamma(image: Any, gamma: Any = 1, gain: Any = 1) -> Array:
    if np.any(np.asarray(gamma) < 0):
        raise ValueError("a negative gamma")
    return _through_floats(lambda x: np.asarray(gain, x.dtype) * x ** np.asarray(gamma, x.dtype), True)(image)


def adjust_hue(image: Any, delta: Any) -> Array:
    def change(x: Array) -> Array:
        hue, low, high = _hue(x)
        turned = np.mod(hue + np.asarray(delta, x.dtype) * 6, 6)
        return np.asarray(low + (high - low) * _hexagon(turned))

    return _through_floats(change, False)(image)


def adjust_saturation(image: Any, saturation_factor: Any) -> Array:
    def change(x: Array) -> Array:
        hue, _, value = _hue(x)
        saturation = np.clip(_saturation(x) * np.asarray(saturation_factor, x.dtype), 0, 1)
        chroma = saturation * value
        return np.asarray(value - chroma + chroma * _hexagon(hue))

    return _through_floats(change, False)(image)


def _hue(x: Array) -> tuple[Array, Array, Array]:
    """The hue within [0, 6), the smallest and the largest channel; each keeps its axis."""
    red, green, blue = (x[..., n : n + 1] for n in range(3))
    low, high = np.min(x, axis=-1, keepdims=True), np.max(x, axis=-1, keepdims=True)
    spread = np.where(high > low, high - low, 1)
    from_green = np.where(green == high, (blue - red) / spread + 2, (red - green) / spread + 4)
    hue = np.where(red == high, np.mod((green - blue) / spread, 6), from_green)
    return np.where(high > low, hue, 0).astype(x.dtype), low, high


def _saturation(x: Array) -> Array:
    low, high = np.min(x, axis=-1, keepdims=True), np.max(x, axis=-1, keepdims=True)
    return np.where(high > 0, (high - low) / np.where(high > 0, high, 1), 0).astype(x.dtype)


def _hexagon(hue: Array) -> Array:
    """How much of the chroma red, green and blue get."""
    red = np.clip(np.abs(hue - 3) - 1, 0, 1)
    green = np.clip(2 - np.abs(hue - 2), 0, 1)
    blue = np.clip(2 - np.abs(hue - 4), 0, 1)
    return np.concatenate([red, green, blue], axis=-1)


def rgb_to_hsv(images: Any) -> Array:
    x = _floats(images)
    hue, _, value = _hue(x)
    return np.concatenate([hue / 6, _saturation(x), value], axis=-1)


def hsv_to_rgb(images: Any) -> Array:
    x = _floats(images)
    hue, saturation, value = (x[..., n : n + 1] for n in range(3))
    return np.asarray((1 - saturation + saturation * _hexagon(hue * 6)) * value)


def _floats(images: Any) -> Array:
    x = tensor(images)
    if x.dtype.kind != "f":
        raise ValueError("whole numbers")
    return x


def _mixed(kernel: tuple[tuple[float, ...], ...]) -> Op:
    def op(images: Any) -> Array:
        x = _floats(images)
        return np.asarray(x @ np.asarray(kernel, x.dtype))

    return op


def rgb_to_grayscale(images: Any) -> Array:
    def change(x: Array) -> Array:
        return np.asarray(x @ np.asarray(GREY, x.dtype))[..., np.newaxis]

    return _through_floats(change, False)(images)


def grayscale_to_rgb(images: Any) -> Array:
    x = tensor(images)
    if x.shape[-1] != 1:
        raise ValueError("more than one channel")
    return np.repeat(x, 3, axis=-1)


OPS: dict[str, Op] = {
    "image.convert_image_dtype": convert_image_dtype,
    "image.adjust_brightness": adjust_brightness,
    "image.adjust_contrast": adjust_contrast,
    "image.adjust_gamma": adjust_gamma,
    "image.adjust_hue": adjust_hue,
    "image.adjust_saturation": adjust_saturation,
    "image.rgb_to_hsv": rgb_to_hsv,
    "image.hsv_to_rgb": hsv_to_rgb,
    "image.rgb_to_yiq": _mixed(RGB_TO_YIQ),
    "image.yiq_to_rgb": _mixed(YIQ_TO_RGB),
    "image.rgb_to_yuv": _mixed(RGB_TO_YUV),
    "image.yuv_to_rgb": _mixed(YUV_TO_RGB),
    "image.rgb_to_grayscale": rgb_to_grayscale,
    "image.grayscale_to_rgb": grayscale_to_rgb,
}
