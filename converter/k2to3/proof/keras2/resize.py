"""tf.image.resize and its ancestors: one matrix per axis.

Legacy corners (TensorFlow 1's `resize_images`, align_corners=False): source = target * scale. Half-pixel centres
(tf.image.resize of TensorFlow 2): source = (target + 0.5) * scale - 0.5. core/kernels/image/resize_bilinear_op.cc,
scale_and_translate_op.cc.
"""

from __future__ import annotations

import numpy as np

from k2to3.proof.keras2.tensor import Array


def images(value: Array, height: int, width: int, method: str, half_pixels: bool) -> Array:
    """Channels last.

    Raises:
        KeyError: another method.
    """
    rows = MATRICES[method](value.shape[1], height, half_pixels)
    columns = MATRICES[method](value.shape[2], width, half_pixels)
    found = np.einsum("oh,bhwc->bowc", rows, value, optimize=True)
    return np.einsum("ow,bhwc->bhoc", columns, found, optimize=True).astype(value.dtype, copy=False)


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


MATRICES = {"bilinear": bilinear, "nearest": nearest}
