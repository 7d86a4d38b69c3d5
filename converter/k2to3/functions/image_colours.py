"""`tf.image`: colours, brightness, dtypes."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.functions.arguments import static
from k2to3.functions.arithmetic import add_tensors
from k2to3.functions.casting import cast, saturate_cast
from k2to3.functions.dtypes import dtype_name, is_float
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.joining import concat
from k2to3.functions.linalg import einsum
from k2to3.functions.operands import as_tensor, elementwise
from k2to3.functions.reductions import reduce
from k2to3.functions.slicing import getitem
from k2to3.functions.values import Value

symbol = Family()


def _coloured(emitter: Emitter, images: Value, kernel: Any) -> Any:
    """A product of the channels with a 3×n matrix."""
    tensor = as_tensor(emitter, images)
    letters = "abcdefgh"[: len(tensor.shape) - 1]
    return einsum(emitter, f"{letters}y,yz->{letters}z", tensor, np.asarray(kernel, tensor.dtype))


@symbol("tf.image.rgb_to_grayscale")
def rgb_to_grayscale(emitter: Emitter, images: Value, name: Value = None) -> Any:
    if not is_float(images.dtype):
        raise emitter.refuse("rgb_to_grayscale of integers, which TensorFlow rounds")
    return _coloured(emitter, images, [[0.2989], [0.5870], [0.1140]])


@symbol("tf.image.grayscale_to_rgb")
def grayscale_to_rgb(emitter: Emitter, images: Value, name: Value = None) -> Any:
    shape = (*images.shape[:-1], 3)
    times = [1] * (len(shape) - 1) + [3]
    return emitter.op("numpy.Tile", images, config={"repeats": times})


KERNELS_3 = {
    "rgb_to_yuv": [
        [0.299, -0.14714119, 0.61497538],
        [0.587, -0.28886916, -0.51496512],
        [0.114, 0.43601035, -0.10001026],
    ],
    "yuv_to_rgb": [[1, 1, 1], [0, -0.394642334, 2.03206185], [1.13988303, -0.58062185, 0]],
    "rgb_to_yiq": [[0.299, 0.59590059, 0.2115], [0.587, -0.27455667, -0.52273617], [0.114, -0.32134392, 0.31119955]],
    "yiq_to_rgb": [
        [1, 1, 1],
        [0.95598634, -0.27201283, -1.10674021],
        [0.6208248, -0.64720424, 1.70423049],
    ],
}


def _colour_space(name_: str) -> None:
    def apply(emitter: Emitter, images: Value) -> Any:
        return _coloured(emitter, images, KERNELS_3[name_])

    symbol(f"tf.image.{name_}")(apply)


for _name in KERNELS_3:
    _colour_space(_name)


@symbol("tf.image.rgb_to_hsv")
def rgb_to_hsv(emitter: Emitter, images: Value, name: Value = None) -> Any:
    return emitter.op("image.RGBToHSV", images, config={"data_format": "channels_last"})


@symbol("tf.image.hsv_to_rgb")
def hsv_to_rgb(emitter: Emitter, images: Value, name: Value = None) -> Any:
    return emitter.op("image.HSVToRGB", images, config={"data_format": "channels_last"})


def float_only(emitter: Emitter, image: Value, what: str) -> None:
    if not is_float(image.dtype):
        raise emitter.refuse(f"{what} of integers, which TensorFlow scales and rounds")


@symbol("tf.image.adjust_brightness")
def adjust_brightness(emitter: Emitter, image: Value, delta: Value) -> Any:
    float_only(emitter, image, "adjust_brightness")
    return add_tensors(emitter, image, delta)


@symbol("tf.image.adjust_contrast")
def adjust_contrast(emitter: Emitter, images: Value, contrast_factor: Value) -> Any:
    float_only(emitter, images, "adjust_contrast")
    mean = reduce(emitter, "Mean", images, [-3, -2], True)
    spread = elementwise(emitter, "numpy.Subtract", images, mean)
    return add_tensors(emitter, elementwise(emitter, "numpy.Multiply", spread, contrast_factor), mean)


@symbol("tf.image.adjust_gamma")
def adjust_gamma(emitter: Emitter, image: Value, gamma: Value = 1, gain: Value = 1) -> Any:
    float_only(emitter, image, "adjust_gamma")
    power = elementwise(emitter, "numpy.Power", image, float(static(emitter, gamma, "gamma")))
    return elementwise(emitter, "numpy.Multiply", power, float(static(emitter, gain, "gain")))


@symbol("tf.image.adjust_saturation")
def adjust_saturation(emitter: Emitter, image: Value, saturation_factor: Value, name: Value = None) -> Any:
    float_only(emitter, image, "adjust_saturation")
    colours = rgb_to_hsv(emitter, image)
    hue, saturation, value = (getitem(emitter, colours, [Ellipsis, slice(i, i + 1)]) for i in range(3))
    raised = elementwise(emitter, "numpy.Multiply", saturation, saturation_factor)
    clipped = emitter.op("numpy.Clip", raised, config={"x_min": 0.0, "x_max": 1.0})

    return hsv_to_rgb(emitter, concat(emitter, [hue, clipped, value], -1))


@symbol("tf.image.adjust_hue")
def adjust_hue(emitter: Emitter, image: Value, delta: Value, name: Value = None) -> Any:
    """The hue is a fraction of a circle.

    TensorFlow keeps the least and the greatest channel of a pixel (core/kernels/image/adjust_hue_op.cc,
    `hv_range_to_rgb`), so that negative colours have a hue too; they have no saturation in HSV.
    """
    float_only(emitter, image, "adjust_hue")
    hue = getitem(emitter, rgb_to_hsv(emitter, image), [Ellipsis, slice(0, 1)])
    turned = elementwise(emitter, "numpy.Mod", add_tensors(emitter, hue, float(static(emitter, delta, "delta"))), 1.0)
    full = emitter.op("numpy.OnesLike", turned)
    pure = hsv_to_rgb(emitter, concat(emitter, [turned, full, full], -1))
    least, greatest = (reduce(emitter, kind, image, [-1], True) for kind in ("Min", "Max"))
    spread = elementwise(emitter, "numpy.Subtract", greatest, least)
    return add_tensors(emitter, elementwise(emitter, "numpy.Multiply", pure, spread), least)


@symbol("tf.image.convert_image_dtype")
def convert_image_dtype(
    emitter: Emitter, image: Value, dtype: Value, saturate: Value = False, name: Value = None
) -> Any:
    wanted = dtype_name(emitter, dtype)
    if image.dtype == wanted or (is_float(image.dtype) and is_float(wanted)):
        return cast(emitter, image, wanted)
    if is_float(wanted):
        scale = 1.0 / float(np.iinfo(image.dtype).max)
        return elementwise(emitter, "numpy.Multiply", cast(emitter, image, wanted), scale)
    if is_float(image.dtype) and wanted.startswith("uint"):
        # TensorFlow adds a half to the scale, not to the value, and cuts the rest off.
        scaled = elementwise(emitter, "numpy.Multiply", image, float(np.iinfo(wanted).max) + 0.5)
        return saturate_cast(emitter, scaled, wanted) if saturate else cast(emitter, scaled, wanted)
    raise emitter.refuse(f"convert_image_dtype from {image.dtype} to {wanted}")
