"""Activation functions by name: keras/activations.py, and what `K.*` and `tf.nn.*` compute under them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from k2to3.errors import NotSpecified
from k2to3.proof.keras2.tensor import Array

Function = Callable[[Array], Array]
SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946
_erf = np.frompyfunc(math.erf, 1, 1)


def erf(x: Array) -> Array:
    return np.asarray(_erf(x.astype(np.float64)), dtype=np.float64).astype(x.dtype)


def sigmoid(x: Array) -> Array:
    """Without overflow on either side."""
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + small), small / (1 + small))


def hard_sigmoid(x: Array) -> Array:
    """Slope 0.2 in every Keras 2 and on every backend; Keras 3's is relu6(x + 3) / 6."""
    return np.asarray(np.clip(x * x.dtype.type(0.2) + x.dtype.type(0.5), 0, 1))


def softmax(x: Array, axis: int | tuple[int, ...] = -1) -> Array:
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return np.asarray(e / np.sum(e, axis=axis, keepdims=True))


def pushed(scores: Array, penalty: Array) -> Array:
    """Scores with a penalty of a billion, added in float32 as Keras does: that swallows the score.

    Where all of a row is masked, the softmax after is uniform for that; in float64 the scores would come through.
    """
    single = scores.astype(np.float32) + penalty.astype(np.float32)
    return np.where(penalty == 0, scores, single.astype(scores.dtype))


def log_softmax(x: Array, axis: int = -1) -> Array:
    shifted = x - np.max(x, axis=axis, keepdims=True)
    return np.asarray(shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True)))


def elu(x: Array, alpha: float = 1.0) -> Array:
    # As TensorFlow's kernels compute it: near 0 it loses what `expm1` would keep.
    return np.where(x > 0, x, alpha * (np.exp(np.minimum(x, 0)) - 1))


def selu(x: Array) -> Array:
    return SELU_SCALE * elu(x, SELU_ALPHA)


def softplus(x: Array) -> Array:
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def softsign(x: Array) -> Array:
    return np.asarray(x / (1 + np.abs(x)))


def relu(x: Array, alpha: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Array:
    """`K.relu`: f(x) = max_value for x >= max_value, x above the threshold, alpha * (x - threshold) below."""
    above = np.where(x > threshold, x, 0) if threshold else np.maximum(x, 0)
    if max_value is not None:
        # Both ends, which a threshold below zero shows.
        above = np.clip(above, 0, x.dtype.type(max_value))
    if not alpha:
        return above
    below = np.minimum(x - threshold, 0)
    return np.asarray(above + x.dtype.type(alpha) * below)


def gelu(x: Array) -> Array:
    """The exact one (erf): `approximate=False` is tf.keras's default."""
    return np.asarray(0.5 * x * (1 + erf(x / math.sqrt(2))))


def mish(x: Array) -> Array:
    return x * np.tanh(softplus(x))


def silu(x: Array) -> Array:
    return x * sigmoid(x)


def linear(x: Array) -> Array:
    return x


BY_NAME: dict[str, Function] = {
    "linear": linear,
    "relu": relu,
    "tanh": np.tanh,
    "sigmoid": sigmoid,
    "hard_sigmoid": hard_sigmoid,
    "softmax": softmax,
    "softmax_v2": softmax,
    "elu": elu,
    "selu": selu,
    "softplus": softplus,
    "softsign": softsign,
    "exponential": np.exp,
    "gelu": gelu,
    "mish": mish,
    "swish": silu,
    "silu": silu,
    # tf.nn functions keep their own names in a config.
    "relu6": lambda x: relu(x, max_value=6.0),
    "leaky_relu": lambda x: relu(x, alpha=0.2),
    "log_softmax": log_softmax,
    "log_softmax_v2": log_softmax,
}


def by_name(value: Any) -> Function | None:
    """The function of a config; None where it is a layer.

    Raises:
        NotSpecified: no function of Keras has that name.
    """
    if value is None:
        return linear
    if isinstance(value, dict):
        if value.get("class_name") != "function":
            return None
        value = value.get("config")
    if isinstance(value, str):
        if value in BY_NAME:
            return BY_NAME[value]
        if value[:1].isupper():
            return None
    raise NotSpecified(f"activation {value!r}")
