"""tf.image.resize and its ancestors: one matrix per axis.

Legacy corners (TensorFlow 1's `resize_images`, align_corners=False): source = target * scale. Half-pixel centres
(tf.image.resize of TensorFlow 2): source = (target + 0.5) * scale - 0.5. core/kernels/image/resize_bilinear_op.cc,
scale_and_translate_op.cc.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from k2to3.proof.keras2.tensor import Array

Matrix = Callable[[int, int, bool], Array]


def images(value: Array, height: int, width: int, method: str, half_pixels: bool) -> Array:
    """Channels last.

    Raises:
        KeyError: another method.
    """
    rows = MATRICES[method](value.shape[1], height, half_pixels)
    columns = MATRICES[method](value.shape[2], width, half_pixels)
    found = np.einsum("oh,bhwc->bowc", rows, value, optimize=True)
    return np.asarray(np.einsum("ow,bhwc->bhoc", columns, found, optimize=True).astype(value.dtype, copy=False))


def _places(size: int, target: int, half_pixels: bool) -> Array:
    scale = size / target
    places = np.arange(target, dtype=np.float64)
    return (places + 0.5) * scale - 0.5 if half_pixels else places * scale


def bilinear(size: int, target: int, half_pixels: bool) -> Array:
    places = _places(size, target, half_pixels)
    below = np.floor(places)
    part = places - below
    found = np.zeros((target, size))
    index = np.arange(target)
    np.add.at(found, (index, np.clip(below, 0, size - 1).astype(int)), 1 - part)
    np.add.at(found, (index, np.clip(below + 1, 0, size - 1).astype(int)), part)
    return found


def nearest(size: int, target: int, half_pixels: bool) -> Array:
    places = np.arange(target, dtype=np.float32)
    scale = np.float32(size / target)
    index = np.floor((places + np.float32(0.5)) * scale if half_pixels else places * scale)
    found = np.zeros((target, size))
    found[np.arange(target), np.minimum(index.astype(int), size - 1)] = 1
    return found


def area(size: int, target: int, half_pixels: bool) -> Array:
    """The mean of what lies under a target pixel."""
    scale = size / target
    edges = np.arange(target + 1) * scale
    found = np.zeros((target, size))
    for n in range(target):
        for m in range(int(edges[n]), min(size, int(np.ceil(edges[n + 1])))):
            found[n, m] = (min(m + 1, edges[n + 1]) - max(m, edges[n])) / scale
    return found


def bicubic(size: int, target: int, half_pixels: bool) -> Array:
    """Keys' cubic with a = -0.5, from a table of 1024 steps; weights outside of the image are dropped and the rest
    made to sum up to 1 (resize_bicubic_op.cc with half_pixel_centers)."""
    if not half_pixels:
        raise KeyError("bicubic with legacy corners")
    found = np.zeros((target, size))
    for n in range(target):
        place = np.float32((np.float32(n) + np.float32(0.5)) * np.float32(size / target) - np.float32(0.5))
        below = int(np.floor(place))
        step = int(np.rint(np.float32(place - np.float32(below)) * np.float32(1024))) / 1024
        weights = [_keys(1 + step), _keys(step), _keys(1 - step), _keys(2 - step)]
        for m, weight in zip(range(below - 1, below + 3), weights, strict=True):
            if 0 <= m < size:
                found[n, m] += weight
    total = found.sum(axis=1, keepdims=True)
    return found / np.where(np.abs(total) >= 1000 * np.finfo(np.float32).tiny, total, 1)


def _keys(x: float) -> float:
    if x <= 1:
        return ((1.5 * x) - 2.5) * x * x + 1
    return ((-0.5 * x + 2.5) * x - 4) * x + 2 if x < 2 else 0.0


def _mitchell(x: Array) -> Array:
    x = np.abs(x)
    near = (((7.0 / 6.0) * x - 2.0) * x) * x + 16.0 / 18.0
    far = (((-7.0 / 18.0) * x + 2.0) * x - 10.0 / 3.0) * x + 16.0 / 9.0
    return np.where(x < 1, near, np.where(x < 2, far, 0))


def _lanczos(radius: float) -> Callable[[Array], Array]:
    def kernel(x: Array) -> Array:
        return np.where(np.abs(x) <= radius, np.sinc(x) * np.sinc(x / radius), 0)

    return kernel


def _gaussian(x: Array) -> Array:
    return np.where(np.abs(x) >= 1.5, 0, np.exp(-(x**2) / (2 * 0.5**2)))


def _spans(kernel: Callable[[Array], Array], radius: float) -> Matrix:
    """`scale_and_translate` without antialiasing: scale_and_translate_op.cc `ComputeSpansCore`."""

    def matrix(size: int, target: int, half_pixels: bool) -> Array:
        places = (np.arange(target) + 0.5) * (size / target)
        begin = np.maximum(np.ceil(places - radius - 0.5), 0)[:, np.newaxis]
        end = np.minimum(np.floor(places + radius - 0.5), size - 1)[:, np.newaxis]
        pixels = np.arange(size)[np.newaxis]
        weights = kernel(pixels + 0.5 - places[:, np.newaxis]) * ((pixels >= begin) & (pixels <= end))
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))

    return matrix


MATRICES: dict[str, Matrix] = {
    "bilinear": bilinear,
    "nearest": nearest,
    "area": area,
    "bicubic": bicubic,
    "lanczos3": _spans(_lanczos(3.0), 3.0),
    "lanczos5": _spans(_lanczos(5.0), 5.0),
    "gaussian": _spans(_gaussian, 1.5),
    "mitchellcubic": _spans(_mitchell, 2.0),
}
