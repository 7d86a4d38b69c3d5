"""Neural networks and images: tensorflow/python/ops/nn_ops.py, image_ops_impl.py."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.proof.keras2 import activations
from k2to3.proof.keras2.ops.arithmetic import Op
from k2to3.proof.keras2.tensor import Array


def relu(features: Any) -> Array:
    return np.asarray(np.maximum(features, 0))


def leaky_relu(features: Any, alpha: float = 0.2) -> Array:
    return np.asarray(np.where(features > 0, features, features * features.dtype.type(alpha)))


def softmax(logits: Any, axis: Any = None, dim: Any = None) -> Array:
    return activations.softmax(logits, -1 if axis is None and dim is None else int(dim if axis is None else axis))


def log_softmax(logits: Any, axis: Any = None) -> Array:
    return activations.log_softmax(logits, -1 if axis is None else int(axis))


def gelu(features: Any, approximate: bool = False) -> Array:
    if not approximate:
        return activations.gelu(features)
    inner = features.dtype.type(0.7978845608028654) * (features + 0.044715 * features**3)
    return np.asarray(0.5 * features * (1 + np.tanh(inner)))


def bias_add(value: Any, bias: Any, data_format: Any = None) -> Array:
    bias = np.asarray(bias, dtype=value.dtype)
    if data_format and str(data_format).startswith("NC"):
        return np.asarray(value + bias.reshape(-1, *(1,) * (value.ndim - 2)))
    return np.asarray(value + bias)


def _last(data_format: str) -> None:
    if data_format != "NHWC":
        raise ValueError(f"data_format={data_format!r}")


def depth_to_space(input: Any, block_size: int, data_format: str = "NHWC") -> Array:
    _last(data_format)
    b, h, w, c = input.shape
    found = input.reshape(b, h, w, block_size, block_size, c // block_size**2)
    return np.asarray(found.transpose(0, 1, 3, 2, 4, 5).reshape(b, h * block_size, w * block_size, -1))


def space_to_depth(input: Any, block_size: int, data_format: str = "NHWC") -> Array:
    _last(data_format)
    b, h, w, c = input.shape
    found = input.reshape(b, h // block_size, block_size, w // block_size, block_size, c)
    return np.asarray(found.transpose(0, 1, 3, 2, 4, 5).reshape(b, h // block_size, w // block_size, -1))


OPS: dict[str, Op] = {
    "relu": relu,
    "relu6": lambda features: np.clip(features, 0, 6),
    "leaky_relu": leaky_relu,
    "elu": lambda features: activations.elu(features),
    "selu": lambda features: activations.selu(features),
    "silu": lambda features: activations.silu(features),
    "swish": lambda features: activations.silu(features),
    "softmax": softmax,
    "log_softmax": log_softmax,
    "gelu": gelu,
    "bias_add": bias_add,
    "depth_to_space": depth_to_space,
    "space_to_depth": space_to_depth,
}
