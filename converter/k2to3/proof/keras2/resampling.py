"""scale_and_translate: pixels weighted by a kernel around the place where the target lies in the source.

core/kernels/image/scale_and_translate_op.cc, sampling_kernels.h.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from k2to3.proof.keras2.tensor import Array

Kernel = Callable[[Array], Array]


def spans(
    kernel: str, size: int, target: int, scale: float, translation: float = 0.0, antialias: bool = False
) -> Array:
    """A (target, size) matrix; antialiasing widens the kernel where the image shrinks.

    Raises:
        KeyError: another kernel.
    """
    function, radius = KERNELS[kernel]
    # Float32 as in the kernel: a pixel just on the rim is in or out by how that rounds.
    step = np.float32(1 / np.float32(scale))
    places = (np.arange(target, dtype=np.float32) + np.float32(0.5)) * step - step * np.float32(translation)
    wide = max(step, np.float32(1)) if antialias else np.float32(1)
    reach = np.float32(radius) * wide
    begin = np.clip(np.ceil(places - reach - np.float32(0.5)), 0, size - 1)[:, np.newaxis]
    end = np.clip(np.floor(places + reach - np.float32(0.5)), 0, size - 1)[:, np.newaxis]
    pixels = np.arange(size, dtype=np.float32)[np.newaxis]
    distance = np.abs((pixels + np.float32(0.5) - places[:, np.newaxis]) * (np.float32(1) / wide))
    weights = function(distance.astype(np.float64)) * ((pixels >= begin) & (pixels <= end))
    weights *= ((places >= 0) & (places <= size))[:, np.newaxis]
    total = weights.sum(axis=1, keepdims=True)
    known = np.abs(total) >= 1000 * np.finfo(np.float32).tiny
    return np.where(known, weights / np.where(known, total, 1), 0)


def _lanczos(radius: float) -> Kernel:
    def kernel(x: Array) -> Array:
        found = np.where(x <= radius, np.sinc(x) * np.sinc(x / radius), 0)
        return np.where(x <= 1e-3, 1, found)

    return kernel


def _gaussian(x: Array) -> Array:
    return np.where(x >= 1.5, 0, np.exp(-(x**2) / (2 * 0.5**2)))


def _box(x: Array) -> Array:
    return np.where(x < 0.5, 1.0, np.where(x == 0.5, 0.5, 0))


def _triangle(x: Array) -> Array:
    return np.asarray(np.maximum(1 - x, 0))


def _keys(x: Array) -> Array:
    near = (1.5 * x - 2.5) * x * x + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x < 1, near, np.where(x < 2, far, 0))


def _mitchell(x: Array) -> Array:
    near = (((7.0 / 6.0) * x - 2.0) * x) * x + 16.0 / 18.0
    far = (((-7.0 / 18.0) * x + 2.0) * x - 10.0 / 3.0) * x + 16.0 / 9.0
    return np.where(x < 1, near, np.where(x < 2, far, 0))


KERNELS: dict[str, tuple[Kernel, float]] = {
    "lanczos1": (_lanczos(1.0), 1.0),
    "lanczos3": (_lanczos(3.0), 3.0),
    "lanczos5": (_lanczos(5.0), 5.0),
    "gaussian": (_gaussian, 1.5),
    "box": (_box, 1.0),
    "triangle": (_triangle, 1.0),
    "keyscubic": (_keys, 2.0),
    "mitchellcubic": (_mitchell, 2.0),
}
