"""`tf.image`: what is computed from an image, edges and likeness."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from k2to3.functions.arguments import integer, known_extent, static
from k2to3.functions.arithmetic import add_tensors
from k2to3.functions.convolution import convolve
from k2to3.functions.dtypes import is_float
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.image_colours import convert_image_dtype, float_only
from k2to3.functions.joining import stack
from k2to3.functions.operands import elementwise
from k2to3.functions.padding import pad
from k2to3.functions.reductions import reduce
from k2to3.functions.slicing import getitem
from k2to3.functions.values import Value

symbol = Family()


@symbol("tf.image.per_image_standardization")
def per_image_standardization(emitter: Emitter, image: Value) -> Any:
    """Of integers TensorFlow 2.4 gives integers, later ones floats."""
    if image.dtype != "float32":
        raise emitter.refuse(f"per_image_standardization of {image.dtype}, which not every TensorFlow casts alike")
    axes = [-3, -2, -1]
    count = np.prod([known_extent(emitter, image, axis) for axis in axes])
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
    float_only(emitter, images, "total_variation")
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


@symbol("tf.image.psnr")
def psnr(emitter: Emitter, a: Value, b: Value, max_val: Value, name: Value = None) -> Any:
    a, b, largest = scaled(emitter, a, b, max_val)
    squares = elementwise(emitter, "numpy.Square", elementwise(emitter, "numpy.Subtract", a, b))
    error = reduce(emitter, "Mean", squares, [-3, -2, -1], False)
    level = 20 * np.log(largest) / np.log(10.0)
    drop = elementwise(emitter, "numpy.Multiply", elementwise(emitter, "numpy.Log", error), float(10 / np.log(10)))
    return elementwise(emitter, "numpy.Subtract", float(level), drop)


def scaled(emitter: Emitter, a: Value, b: Value, max_val: Value) -> tuple[Any, Any, float]:
    """Two images and the largest value as float32; integers become fractions of their dtype's largest."""
    largest = float(static(emitter, max_val, "max_val"))
    if not is_float(a.dtype):
        largest = float(np.float32(int(largest) * np.float32(1.0 / np.iinfo(a.dtype).max)))
    return (*(convert_image_dtype(emitter, v, "float32") for v in (a, b)), largest)


def gaussian(size: int, sigma: float) -> Any:
    """(size, size): weights that sum to one."""
    steps = np.arange(size, dtype="float64") - (size - 1) / 2
    line = -0.5 * np.square(steps) / sigma**2
    weights = np.exp(line[:, None] + line[None, :])
    return (weights / weights.sum()).astype("float32")


@symbol("tf.image.ssim")
def ssim(
    emitter: Emitter,
    img1: Value,
    img2: Value,
    max_val: Value,
    filter_size: Value = 11,
    filter_sigma: Value = 1.5,
    k1: Value = 0.01,
    k2: Value = 0.03,
    return_index_map: Value = False,
) -> Any:
    """Structural similarity from Gaussian windows (Wang et al., 2004)."""
    a, b, largest = scaled(emitter, img1, img2, max_val)
    if len(a.shape) != 4 or len(b.shape) != 4:
        raise emitter.refuse("ssim of images that are no batch")
    channels = known_extent(emitter, a, -1)
    window = gaussian(integer(emitter, filter_size, "filter_size"), float(static(emitter, filter_sigma, "sigma")))
    kernel = np.repeat(window[:, :, None, None], channels, axis=2)
    one, two = ((float(static(emitter, k, "k")) * largest) ** 2 for k in (k1, k2))

    def average(x: Any) -> Any:
        return convolve(emitter, "DepthwiseConv", x, kernel, 1, "VALID", None, None)

    def do(name: str, *values: Any) -> Any:
        return elementwise(emitter, f"numpy.{name}", *values)

    mean_a, mean_b = average(a), average(b)
    product = do("Multiply", do("Multiply", mean_a, mean_b), 2.0)
    squares = do("Add", do("Square", mean_a), do("Square", mean_b))
    light = do("TrueDivide", do("Add", product, one), do("Add", squares, one))
    both = do("Multiply", average(do("Multiply", a, b)), 2.0)
    spread = average(do("Add", do("Square", a), do("Square", b)))
    above = do("Add", do("Subtract", both, product), two)
    shape = do("TrueDivide", above, do("Add", do("Subtract", spread, squares), two))
    found = do("Multiply", light, shape)
    return reduce(emitter, "Mean", found, [-1] if return_index_map else [-3, -2, -1], False)


SOBEL = (((-1, -2, -1), (0, 0, 0), (1, 2, 1)), ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)))


@symbol("tf.image.sobel_edges")
def sobel_edges(emitter: Emitter, image: Value) -> Any:
    """(…, channels, 2): the slopes downwards and to the right, borders reflected."""
    float_only(emitter, image, "sobel_edges")
    channels = known_extent(emitter, image, -1)
    padded = pad(emitter, image, [[0, 0], [1, 1], [1, 1], [0, 0]], "REFLECT")
    found = []
    for table in SOBEL:
        kernel = np.repeat(np.asarray(table, image.dtype)[:, :, None, None], channels, axis=2)
        found.append(convolve(emitter, "DepthwiseConv", padded, kernel, 1, "VALID", None, None))
    return stack(emitter, found, -1)
