"""`tf.image`: turning, cropping, padding, cutting into patches."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.functions.arguments import integer, integers, known_extent, static
from k2to3.functions.convolution import convolve
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.operands import check_size
from k2to3.functions.padding import pad
from k2to3.functions.shaping import reverse, transpose
from k2to3.functions.slicing import getitem
from k2to3.functions.values import Value

symbol = Family()


@symbol("tf.image.flip_left_right")
def flip_left_right(emitter: Emitter, image: Value) -> Any:
    return reverse(emitter, image, [-2])


@symbol("tf.image.flip_up_down")
def flip_up_down(emitter: Emitter, image: Value) -> Any:
    return reverse(emitter, image, [-3])


@symbol("tf.image.transpose")
def transpose_image(emitter: Emitter, image: Value, name: Value = None) -> Any:
    return transpose(emitter, image, [1, 0, 2] if len(image.shape) == 3 else [0, 2, 1, 3])


@symbol("tf.image.rot90")
def rot90(emitter: Emitter, image: Value, k: Value = 1, name: Value = None) -> Any:
    """Counter-clockwise quarter turns."""
    turns = integer(emitter, k, "k") % 4
    if turns == 0:
        return image
    if turns == 2:
        return reverse(emitter, image, [-3, -2])
    if turns == 1:
        return reverse(emitter, transpose_image(emitter, image), [-3])
    return transpose_image(emitter, reverse(emitter, image, [-3]))


@symbol("tf.image.crop_to_bounding_box")
def crop_to_bounding_box(
    emitter: Emitter,
    image: Value,
    offset_height: Value,
    offset_width: Value,
    target_height: Value,
    target_width: Value,
) -> Any:
    top, left, height, width = (
        integer(emitter, v, "an offset") for v in (offset_height, offset_width, target_height, target_width)
    )
    return getitem(emitter, image, [Ellipsis, slice(top, top + height), slice(left, left + width), slice(None)])


@symbol("tf.image.pad_to_bounding_box")
def pad_to_bounding_box(
    emitter: Emitter,
    image: Value,
    offset_height: Value,
    offset_width: Value,
    target_height: Value,
    target_width: Value,
) -> Any:
    rows, columns = (known_extent(emitter, image, axis) for axis in (-3, -2))
    top, left, height, width = (
        integer(emitter, v, "an offset") for v in (offset_height, offset_width, target_height, target_width)
    )
    inner = [[top, height - top - rows], [left, width - left - columns], [0, 0]]
    return pad(emitter, image, inner if len(image.shape) == 3 else [[0, 0], *inner])


@symbol("tf.image.resize_with_crop_or_pad", "tf.image.resize_image_with_crop_or_pad")
def resize_with_crop_or_pad(emitter: Emitter, image: Value, target_height: Value, target_width: Value) -> Any:
    height, width = integer(emitter, target_height, "height"), integer(emitter, target_width, "width")
    rows, columns = (known_extent(emitter, image, axis) for axis in (-3, -2))
    cuts = [max((rows - height) // 2, 0), max((columns - width) // 2, 0)]
    kept = [min(height, rows), min(width, columns)]
    cropped = crop_to_bounding_box(emitter, image, *cuts, *kept)
    offsets = [max((height - rows) // 2, 0), max((width - columns) // 2, 0)]
    return pad_to_bounding_box(emitter, cropped, *offsets, height, width)


@symbol("tf.image.central_crop")
def central_crop(emitter: Emitter, image: Value, central_fraction: Value) -> Any:
    fraction = float(static(emitter, central_fraction, "central_fraction"))
    starts = [int((n - n * fraction) / 2) for n in (known_extent(emitter, image, axis) for axis in (-3, -2))]
    sizes = [known_extent(emitter, image, axis) - 2 * s for axis, s in zip((-3, -2), starts, strict=True)]
    return crop_to_bounding_box(emitter, image, *starts, *sizes)


@symbol("tf.image.extract_patches")
def extract_patches(
    emitter: Emitter, images: Value, sizes: Value, strides: Value, rates: Value, padding: Value, name: Value = None
) -> Any:
    """A convolution that copies: Keras 3's own class, made of the same, cannot be loaded before 3.14."""
    window, steps, spread = (integers(emitter, v, "an argument")[1:3] for v in (sizes, strides, rates))
    channels = known_extent(emitter, images, 3)
    copied = window[0] * window[1] * channels
    check_size(emitter, (copied, copied))
    kernel = np.eye(copied, dtype=images.dtype).reshape(*window, channels, copied)
    return convolve(emitter, "Conv", images, kernel, steps, padding, None, spread)


@symbol("tf.image.extract_image_patches")
def extract_image_patches(
    emitter: Emitter,
    images: Value,
    ksizes: Value = None,
    strides: Value = None,
    rates: Value = None,
    padding: Value = None,
    name: Value = None,
    sizes: Value = None,
) -> Any:
    return extract_patches(emitter, images, sizes if ksizes is None else ksizes, strides, rates, padding)


@symbol("tf.extract_volume_patches")
def extract_volume_patches(
    emitter: Emitter, input: Value, ksizes: Value, strides: Value, padding: Value, name: Value = None
) -> Any:
    window, steps = (integers(emitter, v, "an argument")[1:4] for v in (ksizes, strides))
    channels = known_extent(emitter, input, 4)
    copied = int(np.prod(window)) * channels
    check_size(emitter, (copied, copied))
    kernel = np.eye(copied, dtype=input.dtype).reshape(*window, channels, copied)
    return convolve(emitter, "Conv", input, kernel, steps, padding, None, None)
