"""tf.image.resize and its ancestors: one matrix per axis, but for bilinear, of which a cast may cut off the rounding.

Legacy corners (TensorFlow 1's `resize_images`, align_corners=False): source = target * scale. Half-pixel centres
(tf.image.resize of TensorFlow 2): source = (target + 0.5) * scale - 0.5. With align_corners the scale is between the
centres of the corner pixels. core/kernels/image/resize_bilinear_op.cc, scale_and_translate_op.cc,
core/util/image_resizer_state.h.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from k2to3.proof.keras2 import resampling
from k2to3.proof.keras2.tensor import Array

Matrix = Callable[[int, int, bool, bool], Array]


def images(value: Array, height: int, width: int, method: str, half_pixels: bool, align_corners: bool = False) -> Array:
    """Channels last; whole numbers become float32, but not where the nearest is taken.

    Raises:
        KeyError: another method.
        ValueError: both or neither of what a method can do.
    """
    if half_pixels and align_corners:
        raise ValueError("half-pixel centres and aligned corners")
    if method == "bilinear" and (value.dtype == np.float32 or value.dtype.kind in "iu"):
        return _between(value.astype(np.float32), (height, width), half_pixels, align_corners)
    rows = matrix(method, value.shape[1], height, half_pixels, align_corners)
    columns = matrix(method, value.shape[2], width, half_pixels, align_corners)
    return applied(value, rows, columns, keeps_dtype=method == "nearest")


def applied(value: Array, rows: Array, columns: Array, keeps_dtype: bool = False) -> Array:
    """(target, source) matrices on height and width."""
    dtype = value.dtype if keeps_dtype or value.dtype.kind == "f" else np.dtype("float32")
    found = np.einsum("oh,bhwc->bowc", rows, value, optimize=True)
    return np.asarray(np.einsum("ow,bhwc->bhoc", columns, found, optimize=True).astype(dtype, copy=False))


def matrix(method: str, size: int, target: int, half_pixels: bool, align_corners: bool) -> Array:
    if method in SAMPLED:
        return resampling.spans(method, size, target, target / size)
    return METHODS[method](size, target, half_pixels, align_corners)


def _step(size: int, target: int, align_corners: bool) -> float:
    """Of the source, from one target pixel to the next."""
    return (size - 1) / (target - 1) if align_corners and target > 1 else size / target


def bilinear(size: int, target: int, half_pixels: bool, align_corners: bool) -> Array:
    step = _step(size, target, align_corners)
    places = np.arange(target, dtype=np.float64)
    places = (places + 0.5) * step - 0.5 if half_pixels else places * step
    below = np.floor(places)
    part = places - below
    found = np.zeros((target, size))
    index = np.arange(target)
    np.add.at(found, (index, np.clip(below, 0, size - 1).astype(int)), 1 - part)
    np.add.at(found, (index, np.clip(below + 1, 0, size - 1).astype(int)), part)
    return found


def _between(value: Array, target: tuple[int, int], half_pixels: bool, align_corners: bool) -> Array:
    """Bilinear in float32, step by step as TensorFlow computes it (`compute_lerp` in resize_bilinear_op.cc)."""
    tops, bottoms, down = _neighbours(value.shape[1], target[0], half_pixels, align_corners)
    lefts, rights, across = _neighbours(value.shape[2], target[1], half_pixels, align_corners)
    down, across = down[:, None, None], across[:, None]

    def row(index: Array) -> Array:
        left, right = value[:, index][:, :, lefts], value[:, index][:, :, rights]
        return np.asarray(left + (right - left) * across)

    top, bottom = row(tops), row(bottoms)
    return np.asarray(top + (bottom - top) * down)


def _neighbours(size: int, target: int, half_pixels: bool, align_corners: bool) -> tuple[Array, Array, Array]:
    """The pixels before and behind each place, and how far behind the first one it lies."""
    scale, half = np.float32(_step(size, target, align_corners)), np.float32(0.5 if half_pixels else 0)
    places = np.arange(target, dtype=np.float32)
    places = (places + half) * scale - half if half_pixels else places * scale
    below = np.floor(places)
    first = np.maximum(below, 0).astype(int)
    return first, np.minimum(below + 1, size - 1).astype(int), (places - below).astype(np.float32)


def nearest(size: int, target: int, half_pixels: bool, align_corners: bool) -> Array:
    scale = np.float32(_step(size, target, align_corners))
    places = np.arange(target, dtype=np.float32)
    places = (places + np.float32(0.5)) * scale if half_pixels else places * scale
    # Aligned corners round, half up; all others take the pixel under the place.
    index = np.floor(places.astype(np.float64) + (0.5 if align_corners else 0))
    found = np.zeros((target, size))
    found[np.arange(target), np.minimum(index.astype(int), size - 1)] = 1
    return found


def area(size: int, target: int, half_pixels: bool, align_corners: bool) -> Array:
    """The mean of what lies under a target pixel; beyond the border lies the last one."""
    width = _step(size, target, align_corners)
    if not width:
        raise ValueError("the area of nothing")
    edges = np.arange(target + 1) * width
    found = np.zeros((target, size))
    for n in range(target):
        for m in range(int(edges[n]), int(np.ceil(edges[n + 1] - 1e-9))):
            found[n, min(m, size - 1)] += (min(m + 1, edges[n + 1]) - max(m, edges[n])) / width
    return found


def bicubic(size: int, target: int, half_pixels: bool, align_corners: bool) -> Array:
    """A cubic from a table of 1024 steps (resize_bicubic_op.cc).

    Half-pixel centres: Keys' with a = -0.5; weights outside of the image are dropped and the rest made to sum up to
    1. Else a = -0.75, and the border pixel stands for all beyond it.
    """
    found = np.zeros((target, size))
    scale = np.float32(_step(size, target, align_corners))
    half = np.float32(0.5 if half_pixels else 0)
    a = -0.5 if half_pixels else -0.75
    for n in range(target):
        place = np.float32((np.float32(n) + half) * scale - half)
        below = int(np.floor(place))
        step = int(np.rint(np.float32(place - np.float32(below)) * np.float32(1024))) / 1024
        weights = [_cubic(x, a) for x in (1 + step, step, 1 - step, 2 - step)]
        for m, weight in zip(range(below - 1, below + 3), weights, strict=True):
            if 0 <= m < size or not half_pixels:
                found[n, min(max(m, 0), size - 1)] += weight
    if not half_pixels:
        return found
    total = found.sum(axis=1, keepdims=True)
    return found / np.where(np.abs(total) >= 1000 * np.finfo(np.float32).tiny, total, 1)


def _cubic(x: float, a: float) -> float:
    if x <= 1:
        return ((a + 2) * x - (a + 3)) * x * x + 1
    return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a


METHODS: dict[str, Matrix] = {"bilinear": bilinear, "nearest": nearest, "area": area, "bicubic": bicubic}
# By scale_and_translate, which knows no legacy corners.
SAMPLED = ("lanczos3", "lanczos5", "gaussian", "mitchellcubic")
