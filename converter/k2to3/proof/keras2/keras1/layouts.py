"""Kernels of Keras 1 as (…places, in, out): keras/engine/topology.py 2.0 `preprocess_weights_for_loading`.

With dim_ordering 'th' they are (out, in, …places). Convolution1D has a place too many: (length, 1, in, out), or
(out, in, length, 1) before 1.1. Deconvolution2D is laid out as a convolution, which is the other way around here.
"""

from __future__ import annotations

import numpy as np

from k2to3.proof.keras2.tensor import Array


def convolution(kernel: Array, rank: int, first: bool, length: int) -> Array:
    if rank == 1:
        if kernel.shape[:2] == (length, 1):
            return kernel[:, 0]
        return kernel.transpose(2, 3, 1, 0)[:, 0]
    return np.moveaxis(kernel, (0, 1), (-1, -2)) if first else kernel


def transposed(kernel: Array, rank: int, first: bool) -> Array:
    return np.swapaxes(convolution(kernel, rank, first, 0), -1, -2)
