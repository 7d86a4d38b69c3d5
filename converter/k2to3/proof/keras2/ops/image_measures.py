"""What an image is like, and how much two differ: image_ops_impl.py."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from k2to3.proof.keras2.ops.arithmetic import Op
from k2to3.proof.keras2.ops.colours import convert_image_dtype
from k2to3.proof.keras2.ops.values import tensor
from k2to3.proof.keras2.tensor import Array
from k2to3.proof.keras2.windows import depthwise, window

SOBEL = (((-1, -2, -1), (0, 0, 0), (1, 2, 1)), ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)))


def per_image_standardization(image: Any) -> Array:
    """Whole numbers were scaled to [0, 1] and back at first, and taken as they are later."""
    x = tensor(image)
    if x.dtype.kind != "f" or x.dtype.itemsize < 4:
        raise ValueError("whole or half numbers, whose meaning changed")
    axes = (-1, -2, -3)
    least = 1 / math.sqrt(math.prod(x.shape[-3:]))
    spread = np.maximum(np.std(x, axis=axes, keepdims=True), x.dtype.type(least))
    return np.asarray((x - np.mean(x, axis=axes, keepdims=True)) / spread)


def _steps(image: Any) -> tuple[Array, Array]:
    """From each pixel to the one below, and to the one on the right."""
    x = tensor(image)
    if x.dtype.kind != "f":
        raise ValueError("whole numbers")
    return x[..., 1:, :, :] - x[..., :-1, :, :], x[..., 1:, :] - x[..., :-1, :]


def total_variation(images: Any) -> Array:
    return np.asarray(sum(np.sum(np.abs(step), axis=(-3, -2, -1)) for step in _steps(images)))


def image_gradients(image: Any) -> list[Array]:
    down, right = _steps(image)
    if down.ndim != 4:
        raise ValueError("one image, not a batch")
    return [np.pad(down, [(0, 0), (0, 1), (0, 0), (0, 0)]), np.pad(right, [(0, 0), (0, 0), (0, 1), (0, 0)])]


def sobel_edges(image: Any) -> Array:
    """Vertical and horizontal, in a last axis; borders reflect."""
    x = tensor(image)
    if x.dtype.kind != "f":
        raise ValueError("whole numbers")
    around = np.pad(x, [(0, 0), (1, 1), (1, 1), (0, 0)], mode="reflect")
    kernel = np.moveaxis(np.asarray(SOBEL, x.dtype), 0, -1)[:, :, np.newaxis, :]
    found = depthwise(around, np.repeat(kernel, x.shape[-1], axis=2), _inside(around, 3))
    return found.reshape(*x.shape, 2)


def _inside(x: Array, size: int) -> list[Any]:
    return [window(n, size, 1, 1, "valid", False) for n in x.shape[1:-1]]


def _as_floats(a: Any, b: Any, max_val: Any) -> tuple[Array, Array, Array]:
    """Also the largest value, in the dtype of the first image."""
    a, b = tensor(a), tensor(b)
    if a.dtype != b.dtype:
        raise ValueError("images of two dtypes")
    return (
        convert_image_dtype(a, "float32"),
        convert_image_dtype(b, "float32"),
        convert_image_dtype(np.asarray(max_val).astype(a.dtype), "float32"),
    )


def psnr(a: Any, b: Any, max_val: Any) -> Array:
    a, b, top = _as_floats(a, b, max_val)
    error = np.mean(np.square(a - b), axis=(-3, -2, -1))
    return np.asarray(20 * np.log(top) / math.log(10) - 10 / math.log(10) * np.log(error)).astype(a.dtype)


def ssim(
    img1: Any, img2: Any, max_val: Any, filter_size: Any = 11, filter_sigma: Any = 1.5, k1: Any = 0.01, k2: Any = 0.03,
    return_index_map: bool = False,
) -> Array:  # fmt: skip
    """Of Gaussian windows; the mean of the channels, of the places too unless the map is asked for."""
    a, b, top = _as_floats(img1, img2, max_val)
    kernel = _gaussian(int(filter_size), float(filter_sigma), a.dtype)

    def mean(x: Array) -> Array:
        flat = x.reshape(-1, *x.shape[-3:])
        found = depthwise(flat, np.repeat(kernel, x.shape[-1], axis=2), _inside(flat, int(filter_size)))
        return found.reshape(*x.shape[:-3], *found.shape[1:])

    c1, c2 = (float(k1) * top) ** 2, (float(k2) * top) ** 2
    mean_a, mean_b = mean(a), mean(b)
    product, squares = mean_a * mean_b * 2, np.square(mean_a) + np.square(mean_b)
    luminance = (product + c1) / (squares + c1)
    structure = (mean(a * b) * 2 - product + c2) / (mean(np.square(a) + np.square(b)) - squares + c2)
    return np.asarray(np.mean(luminance * structure, axis=-1 if return_index_map else (-3, -2, -1))).astype(a.dtype)


def _gaussian(size: int, sigma: float, dtype: np.dtype[Any]) -> Array:
    places = np.arange(size) - (size - 1) / 2
    weights = np.exp(-(places**2) / (2 * sigma**2))
    kernel = np.outer(weights, weights)
    return np.asarray(kernel / kernel.sum(), dtype)[:, :, np.newaxis, np.newaxis]


OPS: dict[str, Op] = {
    "image.per_image_standardization": per_image_standardization,
    "image.total_variation": total_variation,
    "image.image_gradients": image_gradients,
    "image.sobel_edges": sobel_edges,
    "image.psnr": psnr,
    "image.ssim": ssim,
}
