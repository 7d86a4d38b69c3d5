"""Functions that say what zero gives, old names of operators, bits and clipping: math_ops.py, clip_ops.py."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.proof.keras2 import activations
from k2to3.proof.keras2.ops.arithmetic import Op, divisible, elementwise, pairwise
from k2to3.proof.keras2.ops.values import axes, dtype_of, operands, tensor
from k2to3.proof.keras2.tensor import Array


def _unless(zero: Array, otherwise: Array) -> Array:
    return np.where(zero == 0, np.zeros((), otherwise.dtype), otherwise)


def multiply_no_nan(x: Any, y: Any) -> Array:
    a, b = operands(x, y)
    return _unless(b, a * b)


def xdivy(x: Any, y: Any) -> Array:
    a, b = operands(x, y)
    return _unless(a, a / b)


def xlogy(x: Any, y: Any) -> Array:
    a, b = operands(x, y)
    return _unless(a, a * np.log(b))


def xlog1py(x: Any, y: Any) -> Array:
    a, b = operands(x, y)
    return _unless(a, a * np.log1p(b))


def atan2(y: Any, x: Any) -> Array:
    return np.asarray(np.arctan2(*operands(y, x)))


def div(x: Any, y: Any) -> Array:
    """Python 2's: of whole numbers a whole number, rounded down."""
    a, b = operands(x, y)
    return np.asarray(a / b if a.dtype.kind == "f" else divisible(np.floor_divide)(a, b))


def realdiv(x: Any, y: Any) -> Array:
    a, b = operands(x, y)
    if a.dtype.kind != "f":
        raise ValueError("realdiv of whole numbers")
    return np.asarray(a / b)


def truncatediv(x: Any, y: Any) -> Array:
    a, b = operands(x, y)
    if a.dtype.kind == "f":
        raise ValueError("truncatediv of floats, which came later")
    return np.asarray((a - divisible(np.fmod)(a, b)) // b)


def polyval(coeffs: list[Any], x: Any) -> Array:
    """By Horner; the highest power first."""
    x = tensor(x)
    found = np.zeros_like(x)
    for n, coefficient in enumerate(coeffs):
        c = np.asarray(coefficient, dtype=x.dtype)
        found = found * x + c if n else c
    return np.asarray(found)


def scalar_mul(scalar: Any, x: Any) -> Array:
    x = tensor(x)
    if np.ndim(scalar):
        raise ValueError("a scalar that is none")
    return np.asarray(np.asarray(scalar, dtype=x.dtype) * x)


def accumulate_n(inputs: list[Any], shape: Any = None, tensor_dtype: Any = None) -> Array:
    return np.asarray(sum(inputs[1:], start=inputs[0]))


def reduce_euclidean_norm(input_tensor: Any, axis: Any = None, keepdims: bool = False) -> Array:
    x = tensor(input_tensor)
    found = np.sqrt(np.sum(np.square(x), axis=axes(axis), keepdims=bool(keepdims)))
    return np.asarray(found).astype(x.dtype)


def count_nonzero(
    input: Any = None, axis: Any = None, keepdims: Any = None, dtype: Any = "int64", reduction_indices: Any = None,
    keep_dims: Any = None, input_tensor: Any = None,
) -> Array:  # fmt: skip
    x = tensor(input if input_tensor is None else input_tensor)
    axis = reduction_indices if axis is None else axis
    found = np.sum(x != 0, axis=axes(axis), keepdims=bool(keepdims or keep_dims))
    return np.asarray(found).astype(dtype_of(dtype, x))


def zero_fraction(value: Any) -> Array:
    x = tensor(value)
    return np.asarray(np.mean(x == 0), dtype=dtype_of("float32", x))


def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None) -> Array:
    x = tensor(t)
    norm = np.sqrt(np.sum(x * x, axis=_axes(axes), keepdims=True))
    limit = np.asarray(clip_norm, dtype=x.dtype)
    return np.asarray(x * limit / np.maximum(norm, limit))


def _axes(value: Any) -> tuple[int, ...] | None:
    return axes(value)


def clip_by_global_norm(t_list: list[Any], clip_norm: Any, use_norm: Any = None) -> list[Array]:
    """The tensors, and the norm of all of them; an infinite norm makes NaN of everything."""
    tensors = [tensor(t) for t in t_list]
    like = tensors[0].dtype
    norm = np.sqrt(sum(np.sum(np.square(t)) for t in tensors)) if use_norm is None else use_norm
    norm, limit = np.asarray(norm, dtype=like), np.asarray(clip_norm, dtype=like)
    scale = limit * np.minimum(1 / norm, 1 / limit) + (norm - norm)
    return [*(np.asarray(t * scale) for t in tensors), norm]


def left_shift(x: Any, y: Any) -> Array:
    a, b = operands(x, y)
    return np.asarray(np.left_shift(a, _bits(a, b)))


def right_shift(x: Any, y: Any) -> Array:
    a, b = operands(x, y)
    return np.asarray(np.right_shift(a, _bits(a, b)))


def _bits(a: Array, b: Array) -> Array:
    """Kernels shift by what the type holds at the most (core/kernels/cwise_ops.h)."""
    return np.clip(b, 0, 8 * a.dtype.itemsize - 1).astype(a.dtype)


OPS: dict[str, Op] = {
    "multiply_no_nan": multiply_no_nan,
    "xdivy": xdivy,
    "xlogy": xlogy,
    "xlog1py": xlog1py,
    "atan2": atan2,
    "div": div,
    "realdiv": realdiv,
    "truncatediv": truncatediv,
    "truncatemod": pairwise(divisible(np.fmod)),
    "mod": pairwise(divisible(np.mod)),
    "mul": pairwise(np.multiply),
    "sub": pairwise(np.subtract),
    "neg": elementwise(np.negative),
    "log_sigmoid": elementwise(lambda x: -activations.softplus(-x)),
    "reciprocal_no_nan": elementwise(lambda x: _unless(x, 1 / x)),
    "polyval": polyval,
    "scalar_mul": scalar_mul,
    "accumulate_n": accumulate_n,
    "reduce_euclidean_norm": reduce_euclidean_norm,
    "count_nonzero": count_nonzero,
    "zero_fraction": zero_fraction,
    "clip_by_norm": clip_by_norm,
    "clip_by_global_norm": clip_by_global_norm,
}
BITWISE: dict[str, Op] = {
    "bitwise.bitwise_and": pairwise(np.bitwise_and),
    "bitwise.bitwise_or": pairwise(np.bitwise_or),
    "bitwise.bitwise_xor": pairwise(np.bitwise_xor),
    "bitwise.invert": elementwise(np.invert),
    "bitwise.left_shift": left_shift,
    "bitwise.right_shift": right_shift,
}
