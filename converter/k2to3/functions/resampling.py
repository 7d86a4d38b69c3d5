"""TensorFlow's image resampling as matrices, one for each axis.

Bicubic, Lanczos, Gaussian, Mitchell and area resampling, antialiasing and the corner
conventions of TensorFlow 1 differ between backends or do not exist in Keras 3. All of
them are linear along each axis, so two constant matrices say the same everywhere.
Sources: scale_and_translate_op.cc, resize_{bicubic,bilinear,area,nearest_neighbor}_op.cc
in tensorflow/core/kernels.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, exp, floor, pi, sin
from typing import Any

import numpy as np

Matrix = np.ndarray[Any, Any]


def _lanczos(radius: float) -> Callable[[float], float]:
    def kernel(x: float) -> float:
        if x > radius:
            return 0.0
        if x <= 1e-3:
            return 1.0
        return radius * sin(pi * x) * sin(pi * x / radius) / (pi * pi * x * x)

    return kernel


def _keys(x: float) -> float:
    if x >= 2:
        return 0.0
    return ((-0.5 * x + 2.5) * x - 4) * x + 2 if x >= 1 else (1.5 * x - 2.5) * x * x + 1


def _mitchell(x: float) -> float:
    if x >= 2:
        return 0.0
    if x >= 1:
        return ((-7 / 18 * x + 2) * x - 10 / 3) * x + 16 / 9
    return (7 / 6 * x - 2) * x * x + 8 / 9


def _gaussian(x: float) -> float:
    return 0.0 if x >= 1.5 else exp(-x * x / (2 * 0.5 * 0.5))


KERNELS: dict[str, tuple[float, Callable[[float], float]]] = {
    "bilinear": (1.0, lambda x: max(0.0, 1 - x)),
    "bicubic": (2.0, _keys),
    "lanczos3": (3.0, _lanczos(3.0)),
    "lanczos5": (5.0, _lanczos(5.0)),
    "gaussian": (1.5, _gaussian),
    "mitchellcubic": (2.0, _mitchell),
}


def spans(method: str, size: int, target: int, antialias: bool) -> Matrix:
    """Weights (target, size) of ScaleAndTranslate."""
    radius, kernel = KERNELS[method]
    inverse = size / target
    scale = max(inverse, 1.0) if antialias else 1.0
    found = np.zeros((target, size))
    for row in range(target):
        centre = (row + 0.5) * inverse
        first = max(0, ceil(centre - radius * scale - 0.5))
        last = min(size - 1, floor(centre + radius * scale - 0.5))
        for source in range(first, last + 1):
            found[row, source] = kernel(abs((source + 0.5 - centre) / scale))
    total = found.sum(1, keepdims=True)
    return np.where(total != 0, found / np.where(total == 0, 1, total), 0)


def positions(size: int, target: int, align_corners: bool, half_pixel: bool) -> Matrix:
    """Where each output element lies in the input."""
    steps = np.arange(target, dtype="float64")
    if align_corners and target > 1:
        return steps * ((size - 1) / (target - 1))
    return (steps + 0.5) * (size / target) - 0.5 if half_pixel else steps * (size / target)


def bilinear(size: int, target: int, align_corners: bool, half_pixel: bool) -> Matrix:
    found = np.zeros((target, size))
    for row, at in enumerate(positions(size, target, align_corners, half_pixel)):
        low = floor(at)
        found[row, max(low, 0)] += 1 - (at - low)
        found[row, min(ceil(at), size - 1)] += at - low
    return found


def nearest(size: int, target: int, align_corners: bool, half_pixel: bool) -> Matrix:
    found = np.zeros((target, size))
    for row, at in enumerate(positions(size, target, align_corners, half_pixel)):
        near = at + 0.5 if half_pixel or align_corners else at
        found[row, min(floor(near), size - 1)] = 1
    return found


def bicubic(size: int, target: int, align_corners: bool, half_pixel: bool) -> Matrix:
    """Weights come from a table of 1024 steps; outside of the image they are left out."""
    a = -0.5 if half_pixel else -0.75
    found = np.zeros((target, size))
    for row, at in enumerate(positions(size, target, align_corners, half_pixel)):
        low = floor(at)
        step = float(np.rint((at - low) * 1024)) / 1024
        weights = [_cubic(a, x) for x in (1 + step, step, 1 - step, 2 - step)]
        index = [low - 1, low, low + 1, low + 2]
        if half_pixel:
            weights = [w if 0 <= i < size else 0.0 for w, i in zip(weights, index, strict=True)]
            total = sum(weights)
            weights = [w / total if abs(total) >= 1000 * np.finfo("float32").tiny else w for w in weights]
        for weight, i in zip(weights, index, strict=True):
            found[row, min(max(i, 0), size - 1)] += weight
    return found


def _cubic(a: float, x: float) -> float:
    if x <= 1:
        return ((a + 2) * x - (a + 3)) * x * x + 1
    return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a


def area(size: int, target: int, align_corners: bool = False) -> Matrix:
    """The mean over the part of the input that an output element covers."""
    scale = (size - 1) / (target - 1) if align_corners and target > 1 else size / target
    found = np.zeros((target, size))
    for row in range(target):
        start, end = row * scale, (row + 1) * scale
        for source in range(floor(start), ceil(end)):
            weight = min(source + 1, end) - max(source, start)
            found[row, min(source, size - 1)] += weight / scale
    return found


def matrix(
    method: str,
    size: int,
    target: int,
    *,
    antialias: bool = False,
    align_corners: bool = False,
    half_pixel: bool = True,
) -> Matrix:
    """The weights (target, size) of one axis."""
    if method == "area":
        return area(size, target, align_corners)
    if method == "nearest":
        return nearest(size, target, align_corners, half_pixel)
    if antialias or method not in ("bilinear", "bicubic"):
        return spans(method, size, target, antialias)
    function = bilinear if method == "bilinear" else bicubic
    return function(size, target, align_corners, half_pixel)
