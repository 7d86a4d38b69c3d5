"""`keras.backend`: the losses, which clip by `epsilon`.

Since TensorFlow 1.14 they look for the sigmoid or softmax behind a value, and take its logits: no claim is made there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from k2to3.errors import NotSpecified
from k2to3.proof.keras2 import activations
from k2to3.proof.keras2.author import Author
from k2to3.proof.keras2.tensor import Array

EPSILON = 1e-7


class Activated(np.ndarray[Any, np.dtype[Any]]):
    """Straight from a sigmoid or softmax, as long as nothing is done with it."""

    direct = False


def activated(x: Any) -> Activated:
    found = np.asarray(x).view(Activated)
    found.direct = True
    return found


def _plain(author: Author, output: Array) -> Array:
    if getattr(output, "direct", False) and author.since((2, 3), (1, 14)):
        raise NotSpecified("a cross entropy of what a sigmoid or softmax gave")
    return np.asarray(output)


def _clipped(x: Array) -> Array:
    """The bounds are float32's, also where more is kept."""
    low, high = np.float32(EPSILON), np.float32(1.0 - EPSILON)
    return np.clip(x, x.dtype.type(low), x.dtype.type(high))


def of_logits(target: Array, logits: Array) -> Array:
    """`tf.nn.sigmoid_cross_entropy_with_logits`."""
    return np.asarray(np.maximum(logits, 0) - logits * target + np.log1p(np.exp(-np.abs(logits))))


def binary_crossentropy(author: Author, target: Array, output: Array, from_logits: bool = False) -> Array:
    """Multi-backend Keras to 2.2.5 and tf.keras 1.13 go back to logits; later epsilon is added once more."""
    if from_logits:
        return of_logits(target, output)
    output = _clipped(_plain(author, output))
    if not author.since((2, 3), (1, 14)):
        return of_logits(target, np.log(output / (1 - output)))
    epsilon = output.dtype.type(EPSILON)
    return np.asarray(-(target * np.log(output + epsilon) + (1 - target) * np.log(1 - output + epsilon)))


def categorical_crossentropy(
    author: Author, target: Array, output: Array, from_logits: bool = False, axis: int = -1
) -> Array:
    if from_logits:
        if axis not in (-1, output.ndim - 1) and not author.since(None, (1, 14)):
            raise NotSpecified("logits along another axis than the last")
        return np.asarray(-np.sum(target * activations.log_softmax(output, axis), axis=axis))
    output = _plain(author, output)
    share = _clipped(output / np.sum(output, axis=axis, keepdims=True))
    return np.asarray(-np.sum(target * np.log(share), axis=axis))


def sparse_categorical_crossentropy(
    author: Author, target: Array, output: Array, from_logits: bool = False, axis: int = -1
) -> Array:
    """The logarithm of what was clipped stands for logits."""
    if axis not in (-1, output.ndim - 1):
        raise NotSpecified("sparse_categorical_crossentropy along another axis than the last")
    logits = output if from_logits else np.log(_clipped(_plain(author, output)))
    chosen = target.astype(np.int64).reshape(output.shape[:-1])
    found = -np.take_along_axis(activations.log_softmax(logits), chosen[..., np.newaxis], -1)
    return np.asarray(found[..., 0])


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "binary_crossentropy": binary_crossentropy,
    "categorical_crossentropy": categorical_crossentropy,
    "sparse_categorical_crossentropy": sparse_categorical_crossentropy,
}
