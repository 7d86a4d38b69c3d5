"""Over axes: tensorflow/python/ops/math_ops.py, nn_impl.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from k2to3.proof.keras2.ops.arithmetic import Op
from k2to3.proof.keras2.ops.values import axes, ints, tensor
from k2to3.proof.keras2.tensor import Array


def _reduction(function: Callable[..., Any]) -> Op:
    def op(input_tensor: Any, axis: Any = None, keepdims: bool | None = False) -> Array:
        x = tensor(input_tensor)
        found = np.asarray(function(x, axis=axes(axis), keepdims=bool(keepdims)))
        return found.astype(x.dtype) if found.dtype.kind == x.dtype.kind else found

    return op


def _mean(x: Array, axis: tuple[int, ...] | None, keepdims: bool) -> Any:
    """Of whole numbers a whole number."""
    found = np.mean(x, axis=axis, keepdims=keepdims)
    return found if x.dtype.kind == "f" else np.trunc(found).astype(x.dtype)


def _logsumexp(x: Array, axis: tuple[int, ...] | None, keepdims: bool) -> Any:
    top = np.max(x, axis=axis, keepdims=True)
    found = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return found if keepdims else np.squeeze(found, axis)


def argmax(input: Any, axis: int = 0, output_type: Any = None) -> Array:
    return np.asarray(np.argmax(tensor(input), axis=axis))


def argmin(input: Any, axis: int = 0, output_type: Any = None) -> Array:
    return np.asarray(np.argmin(tensor(input), axis=axis))


def _cumulative(function: Callable[..., Any], start: int) -> Op:
    def op(x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False) -> Array:
        """Exclusive: what came before each; reverse: from the end."""
        along = ints(axis)[0]
        given = np.moveaxis(tensor(x), along, -1)
        given = given[..., ::-1] if reverse else given
        found = function(given, axis=-1, dtype=given.dtype)
        if exclusive:
            found = np.concatenate([np.full_like(found[..., :1], start), found[..., :-1]], axis=-1)
        return np.moveaxis(found[..., ::-1] if reverse else found, -1, along)

    return op


def l2_normalize(x: Any, axis: Any = None, epsilon: float = 1e-12) -> Array:
    x = tensor(x)
    total = np.sum(np.square(x), axis=axes(axis), keepdims=True)
    return np.asarray(x / np.sqrt(np.maximum(total, x.dtype.type(epsilon))))


OPS: dict[str, Op] = {
    "reduce_sum": _reduction(np.sum),
    "reduce_mean": _reduction(_mean),
    "reduce_max": _reduction(np.max),
    "reduce_min": _reduction(np.min),
    "reduce_prod": _reduction(np.prod),
    "reduce_any": _reduction(np.any),
    "reduce_all": _reduction(np.all),
    "reduce_variance": _reduction(np.var),
    "reduce_std": _reduction(np.std),
    "reduce_logsumexp": _reduction(_logsumexp),
    "argmax": argmax,
    "argmin": argmin,
    "cumsum": _cumulative(np.cumsum, 0),
    "cumprod": _cumulative(np.cumprod, 1),
    "l2_normalize": l2_normalize,
}
