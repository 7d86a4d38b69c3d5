"""`tf.image`: resizing, cropping, colours."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from k2to3.ops.arithmetic import add_tensors
from k2to3.ops.casting import cast
from k2to3.ops.dtypes import dtype_name, is_float
from k2to3.ops.emitter import Emitter
from k2to3.ops.kit import as_tensor, check_size, elementwise, integer, integers, known_extent, static
from k2to3.ops.linalg import einsum
from k2to3.ops.reductions import reduce
from k2to3.ops.registry import symbol
from k2to3.ops.resampling import KERNELS, matrix
from k2to3.ops.shaping import expand_dims, is_plain, pad, reverse, squeeze, transpose
from k2to3.ops.slicing import getitem
from k2to3.ops.values import Value
from k2to3.target.graph import Tensor

METHODS = {0: "bilinear", 1: "nearest", 2: "bicubic", 3: "area"}


def resized(
    emitter: Emitter,
    images: Value,
    size: Value,
    method: str,
    *,
    antialias: bool = False,
    align_corners: bool = False,
    half_pixel: bool = True,
) -> Any:
    """Resize (batch, height, width, channels) images, or one image without the batch."""
    tensor = as_tensor(emitter, images)
    if len(tensor.shape) == 3:
        batched = expand_dims(emitter, tensor, 0)
        return squeeze(
            emitter,
            resized(
                emitter,
                batched,
                size,
                method,
                antialias=antialias,
                align_corners=align_corners,
                half_pixel=half_pixel,
            ),
            0,
        )
    height, width = integers(emitter, size, "size")
    if tensor.shape[1:3] == (height, width):
        return tensor
    plain = method in ("bilinear", "nearest") and half_pixel and not align_corners and not antialias
    if plain and is_float(tensor.dtype) and is_plain(tensor):
        config = {"height": height, "width": width, "interpolation": method, "data_format": "channels_last"}
        return emitter.call("Resizing", config, tensor)
    if method != "area" and method != "nearest" and method not in KERNELS:
        raise emitter.refuse(f"resizing by {method!r}")
    return _by_matrices(emitter, tensor, height, width, method, antialias, align_corners, half_pixel)


def _by_matrices(
    emitter: Emitter,
    tensor: Tensor,
    height: int,
    width: int,
    method: str,
    antialias: bool,
    align_corners: bool,
    half_pixel: bool,
) -> Any:
    options: dict[str, Any] = {"align_corners": align_corners, "half_pixel": half_pixel}
    options["antialias"] = antialias and method != "nearest"
    rows, columns = (known_extent(emitter, tensor, axis) for axis in (1, 2))
    kind = tensor.dtype
    floats = tensor if is_float(kind) else cast(emitter, tensor, "float32")
    down = matrix(method, rows, height, **options).astype("float32")
    across = matrix(method, columns, width, **options).astype("float32")
    found = einsum(emitter, "bhwc,yh->bywc", floats, down)
    found = einsum(emitter, "bywc,xw->byxc", found, across)
    return cast(emitter, found, kind) if method == "nearest" else found


@symbol("tf.image.resize")
def resize(
    emitter: Emitter,
    images: Value,
    size: Value,
    method: Value = "bilinear",
    preserve_aspect_ratio: Value = False,
    antialias: Value = False,
    name: Value = None,
) -> Any:
    kind = METHODS.get(method, method) if isinstance(method, int) else str(method)
    if preserve_aspect_ratio:
        raise emitter.refuse("resize with preserve_aspect_ratio")
    return resized(emitter, images, size, str(kind), antialias=bool(antialias))


@symbol("tf.image.resize_images", "tf.compat.v1.image.resize", "tf.compat.v1.image.resize_images")
def resize_images_v1(
    emitter: Emitter,
    images: Value,
    size: Value,
    method: Value = 0,
    align_corners: Value = False,
    preserve_aspect_ratio: Value = False,
    name: Value = None,
) -> Any:
    """TensorFlow 1's `tf.image.resize`: corners, not centres, of pixels are aligned."""
    if preserve_aspect_ratio:
        raise emitter.refuse("resize with preserve_aspect_ratio")
    kind = METHODS.get(method, method) if isinstance(method, int) else str(method)
    return resized(emitter, images, size, str(kind), align_corners=bool(align_corners), half_pixel=False)


def _legacy(method: str) -> None:
    def apply(
        emitter: Emitter,
        images: Value,
        size: Value,
        align_corners: Value = False,
        name: Value = None,
        half_pixel_centers: Value = False,
    ) -> Any:
        return resized(
            emitter, images, size, method, align_corners=bool(align_corners), half_pixel=bool(half_pixel_centers)
        )

    suffix = "nearest_neighbor" if method == "nearest" else method
    symbol(f"tf.image.resize_{suffix}")(apply)


for _method in ("bilinear", "nearest", "bicubic", "area"):
    _legacy(_method)


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
    return emitter.op("numpy.Tile", images, config={"repeats": times}, shape=shape)


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


def _float_only(emitter: Emitter, image: Value, what: str) -> None:
    if not is_float(image.dtype):
        raise emitter.refuse(f"{what} of integers, which TensorFlow scales and rounds")


@symbol("tf.image.adjust_brightness")
def adjust_brightness(emitter: Emitter, image: Value, delta: Value) -> Any:
    _float_only(emitter, image, "adjust_brightness")
    return add_tensors(emitter, image, delta)


@symbol("tf.image.adjust_contrast")
def adjust_contrast(emitter: Emitter, images: Value, contrast_factor: Value) -> Any:
    _float_only(emitter, images, "adjust_contrast")
    mean = reduce(emitter, "Mean", images, [-3, -2], True)
    spread = elementwise(emitter, "numpy.Subtract", images, mean)
    return add_tensors(emitter, elementwise(emitter, "numpy.Multiply", spread, contrast_factor), mean)


@symbol("tf.image.adjust_gamma")
def adjust_gamma(emitter: Emitter, image: Value, gamma: Value = 1, gain: Value = 1) -> Any:
    _float_only(emitter, image, "adjust_gamma")
    power = elementwise(emitter, "numpy.Power", image, float(static(emitter, gamma, "gamma")))
    return elementwise(emitter, "numpy.Multiply", power, float(static(emitter, gain, "gain")))


@symbol("tf.image.adjust_saturation")
def adjust_saturation(emitter: Emitter, image: Value, saturation_factor: Value, name: Value = None) -> Any:
    _float_only(emitter, image, "adjust_saturation")
    colours = rgb_to_hsv(emitter, image)
    hue, saturation, value = (getitem(emitter, colours, [Ellipsis, slice(i, i + 1)]) for i in range(3))
    raised = elementwise(emitter, "numpy.Multiply", saturation, saturation_factor)
    clipped = emitter.op("numpy.Clip", raised, config={"x_min": 0.0, "x_max": 1.0})
    from k2to3.ops.joining import concat

    return hsv_to_rgb(emitter, concat(emitter, [hue, clipped, value], -1))


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
    raise emitter.refuse(f"convert_image_dtype from {image.dtype} to {wanted}")


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


@symbol("tf.image.per_image_standardization")
def per_image_standardization(emitter: Emitter, image: Value) -> Any:
    axes = [-3, -2, -1]
    count = np.prod([known_extent(emitter, image, axis) for axis in axes])
    image = cast(emitter, image, "float32")
    mean = reduce(emitter, "Mean", image, axes, True)
    spread = elementwise(emitter, "numpy.Subtract", image, mean)
    variance = reduce(emitter, "Mean", elementwise(emitter, "numpy.Square", spread), axes, True)
    deviation = elementwise(emitter, "numpy.Maximum", elementwise(emitter, "numpy.Sqrt", variance), 1 / sqrt(count))
    return elementwise(emitter, "numpy.TrueDivide", spread, deviation)


def differences(emitter: Emitter, images: Value, axis: int) -> Any:
    """The next element minus this one, along an axis counted from the end."""
    keys: list[Any] = [slice(None)] * -axis
    after, before = list(keys), list(keys)
    after[0], before[0] = slice(1, None), slice(None, -1)
    return elementwise(
        emitter,
        "numpy.Subtract",
        getitem(emitter, images, [Ellipsis, *after]),
        getitem(emitter, images, [Ellipsis, *before]),
    )


@symbol("tf.image.total_variation")
def total_variation(emitter: Emitter, images: Value, name: Value = None) -> Any:
    axes = None if len(images.shape) == 3 else [1, 2, 3]
    parts = [
        reduce(emitter, "Sum", elementwise(emitter, "numpy.Absolute", differences(emitter, images, axis)), axes, False)
        for axis in (-3, -2)
    ]
    return add_tensors(emitter, *parts)


@symbol("tf.image.image_gradients")
def image_gradients(emitter: Emitter, image: Value) -> Any:
    found = []
    for axis in (1, 2):
        width = [[0, 1] if i == axis else [0, 0] for i in range(4)]
        found.append(pad(emitter, differences(emitter, image, axis - 4), width))
    return found


@symbol("tf.image.extract_patches")
def extract_patches(
    emitter: Emitter, images: Value, sizes: Value, strides: Value, rates: Value, padding: Value, name: Value = None
) -> Any:
    """A convolution that copies: Keras 3's own class, made of the same, cannot be loaded before 3.14."""
    from k2to3.ops.convolution import convolve

    window, steps, spread = (integers(emitter, v, "an argument")[1:3] for v in (sizes, strides, rates))
    channels = known_extent(emitter, images, 3)
    copied = window[0] * window[1] * channels
    check_size(emitter, (copied, copied))
    kernel = np.eye(copied, dtype=images.dtype).reshape(*window, channels, copied)
    return convolve(emitter, "Conv", images, kernel, steps, padding, None, spread)


@symbol("tf.image.psnr")
def psnr(emitter: Emitter, a: Value, b: Value, max_val: Value, name: Value = None) -> Any:
    squares = elementwise(emitter, "numpy.Square", elementwise(emitter, "numpy.Subtract", a, b))
    error = reduce(emitter, "Mean", squares, [-3, -2, -1], False)
    level = 20 * np.log(float(static(emitter, max_val, "max_val"))) / np.log(10.0)
    drop = elementwise(emitter, "numpy.Multiply", elementwise(emitter, "numpy.Log", error), float(10 / np.log(10)))
    return elementwise(emitter, "numpy.Subtract", float(level), drop)
