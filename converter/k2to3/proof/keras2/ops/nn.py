"""Neural networks and images: tensorflow/python/ops/nn_ops.py, image_ops_impl.py."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.proof.keras2 import activations, resize
from k2to3.proof.keras2.ops.arithmetic import Op
from k2to3.proof.keras2.ops.values import ints, tensor
from k2to3.proof.keras2.pooling import average, maximum
from k2to3.proof.keras2.tensor import Array
from k2to3.proof.keras2.windows import Window, correlate, window


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


def _spatial(value: Any) -> list[int]:
    """One number, one for each spatial axis, or one for each axis."""
    found = ints(value)
    return found * 2 if len(found) == 1 else (found[1:3] if len(found) == 4 else found)


def _windows(x: Array, ksize: Any, strides: Any, padding: str) -> list[Window]:
    geometry = zip(x.shape[1:-1], _spatial(ksize), _spatial(strides), strict=True)
    return [window(n, k, s, 1, padding.lower(), False) for n, k, s in geometry]


def max_pool2d(input: Any, ksize: Any, strides: Any, padding: str, data_format: str = "NHWC") -> Array:
    _last(data_format)
    return maximum(input, _windows(input, ksize, strides, padding))


def avg_pool2d(input: Any, ksize: Any, strides: Any, padding: str, data_format: str = "NHWC") -> Array:
    _last(data_format)
    return average(input, _windows(input, ksize, strides, padding))


def conv2d(
    input: Any, filters: Any, strides: Any = 1, padding: str = "VALID", data_format: str = "NHWC", dilations: Any = 1
) -> Array:
    _last(data_format)
    kernel = np.asarray(filters, dtype=input.dtype)
    geometry = zip(input.shape[1:-1], kernel.shape[:2], _spatial(strides), _spatial(dilations or 1), strict=True)
    return correlate(input, kernel, [window(n, k, s, d, padding.lower(), False) for n, k, s, d in geometry])


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


def resize_images(
    images: Any, size: Any, method: Any = "bilinear", preserve_aspect_ratio: bool = False, antialias: bool = False,
    half_pixels: bool = True,
) -> Array:  # fmt: skip
    if preserve_aspect_ratio or antialias:
        raise ValueError("preserve_aspect_ratio or antialias")
    height, width = ints(size)
    return resize.images(tensor(images), height, width, str(method).lower(), half_pixels)


def flip_left_right(image: Any) -> Array:
    return np.flip(image, -2)


def flip_up_down(image: Any) -> Array:
    return np.flip(image, -3)


OPS: dict[str, Op] = {
    "flip_left_right": flip_left_right,
    "flip_up_down": flip_up_down,
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
    "max_pool2d": max_pool2d,
    "avg_pool2d": avg_pool2d,
    "conv2d": conv2d,
    "depth_to_space": depth_to_space,
    "space_to_depth": space_to_depth,
    "resize": resize_images,
}
