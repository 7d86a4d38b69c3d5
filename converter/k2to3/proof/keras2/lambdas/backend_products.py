"""`keras.backend`: products, biases and normalisations, on TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from k2to3.errors import NotSpecified
from k2to3.proof.keras2 import batch_dot as products
from k2to3.proof.keras2.author import Author
from k2to3.proof.keras2.normalization import FUSED_MINIMUM
from k2to3.proof.keras2.ops.values import operands
from k2to3.proof.keras2.tensor import Array


def dot(author: Author, x: Array, y: Array) -> Array:
    """The last axis of x and the second to last of y; all others stay, those of x first."""
    if max(x.ndim, y.ndim) == 2:
        return np.asarray(x @ y)
    return np.asarray(np.tensordot(x, y, axes=([x.ndim - 1], [y.ndim - 2])))


def batch_dot(author: Author, x: Array, y: Array, axes: Any = None) -> Array:
    pair = (axes, axes) if isinstance(axes, int) else axes
    return products.batch_dot(x, y, None if pair is None else (int(pair[0]), int(pair[1])), author)


def l2_normalize(author: Author, x: Array, axis: Any = None) -> Array:
    if axis is None and author.theano:
        raise NotSpecified("K.l2_normalize without an axis")
    return products.normalised(x, tuple(axis) if isinstance(axis, list) else axis, author)


def bias_add(author: Author, x: Array, bias: Array, data_format: str | None = None) -> Array:
    """A bias of several axes is reshaped, not transposed, for channels first."""
    first = data_format == "channels_first" and x.ndim > 2
    if bias.ndim == 1:
        shape = (1, -1, *(1,) * (x.ndim - 2)) if first else (-1,)
    elif bias.ndim == x.ndim - 1:
        shape = (1, bias.shape[-1], *bias.shape[:-1]) if first else (1, *bias.shape)
    else:
        raise NotSpecified("a bias of another rank")
    return np.add(*operands(x, bias.reshape(shape)))


def batch_normalization(
    author: Author, x: Array, mean: Any, var: Any, beta: Any, gamma: Any, *others: Any, **named: Any
) -> Array:
    """Keras 2.2.0 and tf.keras have an axis before the epsilon. Of four axes it is fused."""
    names = ("axis", "epsilon") if author.since((2, 2, 0), (1, 13)) else ("epsilon",)
    given = {"axis": -1, "epsilon": 1e-3} | dict(zip(names, others, strict=False)) | named
    axis, epsilon = given["axis"], float(given["epsilon"])
    if "axis" in named and "axis" not in names:
        raise NotSpecified("K.batch_normalization has no axis")
    if x.ndim == 4 and author.since((2, 2, 0), (1, 13)):
        if axis not in (-1, 3):
            raise NotSpecified("K.batch_normalization of another axis than the last")
        epsilon = max(epsilon, FUSED_MINIMUM)
    scaled = (x - mean) / np.sqrt(np.asarray(var) + x.dtype.type(epsilon))
    return np.asarray((scaled * (1 if gamma is None else gamma) + (0 if beta is None else beta)).astype(x.dtype))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "dot": dot,
    "batch_dot": batch_dot,
    "l2_normalize": l2_normalize,
    "bias_add": bias_add,
    "batch_normalization": batch_normalization,
}
