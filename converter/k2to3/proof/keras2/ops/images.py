"""Cutting, padding, turning and resizing images: image_ops_impl.py. Any leading axes, channels last."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.proof.keras2 import resampling, resize
from k2to3.proof.keras2.ops.arithmetic import Op
from k2to3.proof.keras2.ops.values import ints, tensor
from k2to3.proof.keras2.tensor import Array
from k2to3.proof.keras2.windows import offsets, padded, window

# `tf.compat.v1.image.ResizeMethod` is a number.
METHODS = {"0": "bilinear", "1": "nearest", "2": "bicubic", "3": "area"}
# What `antialias` takes in the place of a method that knows none.
SMOOTH = {
    "bilinear": "triangle", "bicubic": "keyscubic", "lanczos3": "lanczos3", "lanczos5": "lanczos5",
    "gaussian": "gaussian", "mitchellcubic": "mitchellcubic",
}  # fmt: skip


def flip_left_right(image: Any) -> Array:
    return np.flip(tensor(image), -2)


def flip_up_down(image: Any) -> Array:
    return np.flip(tensor(image), -3)


def transpose(image: Any) -> Array:
    return np.swapaxes(tensor(image), -3, -2)


def rot90(image: Any, k: Any = 1) -> Array:
    """Counter-clockwise."""
    return np.rot90(tensor(image), int(k) % 4, axes=(-3, -2))


def crop_to_bounding_box(
    image: Any, offset_height: Any, offset_width: Any, target_height: Any, target_width: Any
) -> Array:
    x = tensor(image)
    top, left, height, width = (int(n) for n in (offset_height, offset_width, target_height, target_width))
    if top < 0 or left < 0 or top + height > x.shape[-3] or left + width > x.shape[-2]:
        raise ValueError("a box outside of the image")
    return x[..., top : top + height, left : left + width, :]


def pad_to_bounding_box(
    image: Any, offset_height: Any, offset_width: Any, target_height: Any, target_width: Any
) -> Array:
    x = tensor(image)
    top, left = int(offset_height), int(offset_width)
    below, right = int(target_height) - top - x.shape[-3], int(target_width) - left - x.shape[-2]
    if min(top, left, below, right) < 0:
        raise ValueError("a box smaller than the image")
    return np.pad(x, [*[(0, 0)] * (x.ndim - 3), (top, below), (left, right), (0, 0)])


def central_crop(image: Any, central_fraction: Any) -> Array:
    x, fraction = tensor(image), float(central_fraction)
    if not 0 < fraction <= 1:
        raise ValueError("a fraction outside of (0, 1]")
    top, left = (int((float(n) - float(n) * fraction) / 2) for n in x.shape[-3:-1])
    return x[..., top : x.shape[-3] - top, left : x.shape[-2] - left, :]


def resize_with_crop_or_pad(image: Any, target_height: Any, target_width: Any) -> Array:
    """The middle; the odd row or column is cut off behind, and added behind."""
    x, height, width = tensor(image), int(target_height), int(target_width)
    tall, wide = height - x.shape[-3], width - x.shape[-2]
    rows, columns = min(height, x.shape[-3]), min(width, x.shape[-2])
    middle = crop_to_bounding_box(x, max(-tall // 2, 0), max(-wide // 2, 0), rows, columns)
    return pad_to_bounding_box(middle, max(tall // 2, 0), max(wide // 2, 0), height, width)


def resize_images(
    images: Any, size: Any, method: Any = "bilinear", preserve_aspect_ratio: bool = False, antialias: bool = False,
    half_pixels: bool = True, align_corners: bool = False,
) -> Array:  # fmt: skip
    x = tensor(images)
    flat = x[np.newaxis] if x.ndim == 3 else x
    height, width = _within(flat, ints(size)) if preserve_aspect_ratio else ints(size)
    name = str(method).lower()
    if antialias and name in SMOOTH:
        found = sampled(flat, SMOOTH[name], height, width)
    else:
        found = resize.images(flat, height, width, name, half_pixels, align_corners)
    return found[0] if x.ndim == 3 else found


def sampled(x: Array, kernel: str, height: int, width: int) -> Array:
    rows = resampling.spans(kernel, x.shape[1], height, height / x.shape[1], antialias=True)
    columns = resampling.spans(kernel, x.shape[2], width, width / x.shape[2], antialias=True)
    return resize.applied(x, rows, columns)


def _within(x: Array, size: list[int]) -> tuple[int, int]:
    """The largest size of the image's own aspect ratio; float32 rounds as TensorFlow does."""
    rows, columns = (np.float32(n) for n in x.shape[1:3])
    scale = min(np.float32(size[0]) / rows, np.float32(size[1]) / columns)
    return int(np.rint(scale * rows)), int(np.rint(scale * columns))


def resize_images_v1(
    images: Any, size: Any, method: Any = 0, align_corners: bool = False, preserve_aspect_ratio: bool = False
) -> Array:
    """Legacy corners. An image of that size already is left alone, where the graph knew its size."""
    name = METHODS.get(str(method), str(method).lower())
    if name not in METHODS.values():
        raise ValueError(f"method={method!r}")
    found = resize_images(images, size, name, preserve_aspect_ratio, False, False, bool(align_corners))
    x = tensor(images)
    if found.shape == x.shape and x.dtype.kind != "f":
        raise ValueError("whole numbers of that size already")
    return found


def _resizing(method: str) -> Op:
    def op(images: Any, size: Any, align_corners: bool = False, half_pixel_centers: bool = False) -> Array:
        return resize_images(
            images, size, method, half_pixels=bool(half_pixel_centers), align_corners=bool(align_corners)
        )

    return op


def resize_area(images: Any, size: Any, align_corners: bool = False) -> Array:
    return resize_images(images, size, "area", half_pixels=False, align_corners=bool(align_corners))


def resize_with_pad(
    image: Any, target_height: Any, target_width: Any, method: Any = "bilinear", antialias: bool = False
) -> Array:
    """As large as fits, in the middle of zeros."""
    x, height, width = tensor(image), int(target_height), int(target_width)
    rows, columns = (np.float32(n) for n in x.shape[-3:-1])
    ratio = max(columns / np.float32(width), rows / np.float32(height))
    tall, wide = rows / ratio, columns / ratio
    found = resize_images(x, (int(np.floor(tall)), int(np.floor(wide))), method, antialias=antialias)
    top, left = (max(0, int(np.floor((np.float32(n) - m) / 2))) for n, m in ((height, tall), (width, wide)))
    return pad_to_bounding_box(found, top, left, height, width)


def extract_patches(images: Any, sizes: Any, strides: Any, rates: Any, padding: str) -> Array:
    """All that lies under a window, place by place, in the channels."""
    return _patches(tensor(images), ints(sizes)[1:-1], ints(strides)[1:-1], ints(rates)[1:-1], padding)


def extract_image_patches(
    images: Any, ksizes: Any = None, strides: Any = None, rates: Any = None, padding: Any = None, sizes: Any = None
) -> Array:
    return extract_patches(images, ksizes if sizes is None else sizes, strides, rates, padding)


def extract_volume_patches(input: Any, ksizes: Any, strides: Any, padding: str) -> Array:
    return _patches(tensor(input), ints(ksizes)[1:-1], ints(strides)[1:-1], [1, 1, 1], padding)


def _patches(x: Array, sizes: list[int], strides: list[int], rates: list[int], padding: str) -> Array:
    geometry = zip(x.shape[1:-1], sizes, strides, rates, strict=True)
    windows = [window(n, k, s, r, str(padding).lower(), False) for n, k, s, r in geometry]
    x = padded(x, windows)
    return np.concatenate([x[(slice(None), *cut)] for _, cut in offsets(windows)], axis=-1)


OPS: dict[str, Op] = {
    "image.flip_left_right": flip_left_right,
    "image.flip_up_down": flip_up_down,
    "image.transpose": transpose,
    "image.rot90": rot90,
    "image.crop_to_bounding_box": crop_to_bounding_box,
    "image.pad_to_bounding_box": pad_to_bounding_box,
    "image.central_crop": central_crop,
    "image.resize_with_crop_or_pad": resize_with_crop_or_pad,
    "image.resize_image_with_crop_or_pad": resize_with_crop_or_pad,
    "image.resize_with_pad": resize_with_pad,
    "image.extract_patches": extract_patches,
    "image.extract_image_patches": extract_image_patches,
    "image.resize_bilinear": _resizing("bilinear"),
    "image.resize_bicubic": _resizing("bicubic"),
    "image.resize_nearest_neighbor": _resizing("nearest"),
    "image.resize_area": resize_area,
    "extract_volume_patches": extract_volume_patches,
}
# The one name that means something else in each API.
BY_API: dict[str, Op] = {
    "image.resize": resize_images,
    "compat.v1.image.resize": resize_images_v1,
    "compat.v1.image.resize_images": resize_images_v1,
    "image.resize_images": resize_images_v1,
}
