"""TensorFlow's image resampling as matrices, one per axis, exact to its float32 tables.

The backends of Keras 3 disagree about bicubic, area and Lanczos and lack Gaussian and
Mitchell, but all of them multiply by a matrix. Sources, in tensorflow/core/kernels/image:
resize_bicubic_op.cc, resize_area_op.cc, scale_and_translate_op.cc, sampling_kernels.h;
all without antialiasing, as Keras 2 called them.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, floor
from typing import Any

import numpy as np

Matrix = np.ndarray[Any, np.dtype[np.float32]]
TABLE = 1024
Kernel = Callable[[float], float]


def _lanczos(radius: float) -> Kernel:
    def kernel(x: float) -> float:
        if x > radius:
            return 0.0
        if x <= 1e-3:
            return 1.0
        return float(radius * np.sin(np.pi * x) * np.sin(np.pi * x / radius) / (np.pi**2 * x * x))

    return kernel


def _gaussian(x: float) -> float:
    return 0.0 if x >= 1.5 else float(np.exp(-x * x / (2 * 0.5**2)))


def _mitchell(x: float) -> float:
    if x >= 2:
        return 0.0
    if x >= 1:
        return (((-7 / 18) * x + 2) * x - 10 / 3) * x + 16 / 9
    return (7 / 6 * x - 2) * x * x + 8 / 9


SAMPLED: dict[str, tuple[float, Kernel]] = {
    "lanczos3": (3.0, _lanczos(3.0)),
    "lanczos5": (5.0, _lanczos(5.0)),
    "gaussian": (1.5, _gaussian),
    "mitchellcubic": (2.0, _mitchell),
}


def resize_matrix(method: str, source: int, target: int) -> Matrix:
    """The matrix (source, target) that resamples one axis; columns sum to 1."""
    matrix = np.zeros((source, target), np.float32)
    for column in range(target):
        if method == "bicubic":
            _bicubic(matrix, column)
        elif method == "area":
            _area(matrix, column)
        else:
            _sampled(matrix, column, *SAMPLED[method])
    return matrix


def _bicubic(matrix: Matrix, column: int) -> None:
    source, target = matrix.shape
    scale = np.float32(source) / np.float32(target)
    place = (np.float32(column) + np.float32(0.5)) * scale - np.float32(0.5)
    start = floor(place)
    # The fraction is rounded to one of 1024 table entries.
    offset = int(np.rint((place - np.float32(start)) * np.float32(TABLE)))
    fraction = offset / TABLE
    weights = [_keys(1 + fraction), _keys(fraction), _keys(1 - fraction), _keys(2 - fraction)]
    _normalised(matrix, column, start - 1, weights)


def _keys(x: float) -> float:
    a = -0.5
    if x <= 1:
        return ((a + 2) * x - (a + 3)) * x * x + 1
    return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a


def _normalised(matrix: Matrix, column: int, start: int, weights: list[float]) -> None:
    """Weights outside the image are dropped, the others sum to 1."""
    inside = [(start + i, w) for i, w in enumerate(weights) if 0 <= start + i < matrix.shape[0]]
    total = sum(weight for _, weight in inside)
    for row, weight in inside:
        matrix[row, column] = weight / total


def _area(matrix: Matrix, column: int) -> None:
    source, target = matrix.shape
    scale = np.float32(source) / np.float32(target)
    start, end = np.float32(column) * scale, np.float32(column + 1) * scale
    for row in range(floor(start), ceil(end)):
        share = min(np.float32(row + 1), end) - max(np.float32(row), start)
        matrix[min(row, source - 1), column] += share / scale


def _sampled(matrix: Matrix, column: int, radius: float, kernel: Kernel) -> None:
    source, target = matrix.shape
    inverse = np.float32(1) / (np.float32(target) / np.float32(source))
    place = (np.float32(column) + np.float32(0.5)) * inverse
    start = max(0, ceil(place - np.float32(radius) - np.float32(0.5)))
    end = min(source - 1, floor(place + np.float32(radius) - np.float32(0.5)))
    weights = [kernel(abs(float(np.float32(row) + np.float32(0.5) - place))) for row in range(start, end + 1)]
    _normalised(matrix, column, start, weights)
