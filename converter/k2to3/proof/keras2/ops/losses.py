"""Losses, statistics and normalisation: nn_impl.py, nn_ops.py, core/kernels/lrn_op.cc, in_topk_op.cc."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from k2to3.proof.keras2 import activations
from k2to3.proof.keras2.ops.arithmetic import Op
from k2to3.proof.keras2.ops.values import axes as axes_of
from k2to3.proof.keras2.ops.values import operands, tensor
from k2to3.proof.keras2.tensor import Array


def sigmoid_cross_entropy(labels: Any = None, logits: Any = None) -> Array:
    z, x = operands(labels, logits)
    return np.asarray(np.maximum(x, 0) - x * z + np.log1p(np.exp(-np.abs(x))))


def weighted_cross_entropy(
    labels: Any = None, logits: Any = None, pos_weight: Any = None, *, targets: Any = None
) -> Array:
    z, x = operands(targets if labels is None else labels, logits)
    weight = 1 + (np.asarray(pos_weight, x.dtype) - 1) * z
    return np.asarray((1 - z) * x + weight * (np.log1p(np.exp(-np.abs(x))) + np.maximum(-x, 0)))


def softmax_cross_entropy(labels: Any = None, logits: Any = None, axis: Any = None, *, dim: Any = None) -> Array:
    z, x = operands(labels, logits)
    along = -1 if axis is None and dim is None else int(dim if axis is None else axis)
    return np.asarray(-np.sum(z * activations.log_softmax(x, along), axis=along))


def sparse_softmax_cross_entropy(labels: Any = None, logits: Any = None) -> Array:
    z, x = np.asarray(labels), tensor(logits)
    if z.size and (z.min() < 0 or z.max() >= x.shape[-1]):
        raise ValueError("a label that is no class")
    picked = np.take_along_axis(activations.log_softmax(x), z[..., np.newaxis].astype(int), axis=-1)
    return np.asarray(-picked[..., 0])


def log_poisson_loss(targets: Any, log_input: Any, compute_full_loss: bool = False) -> Array:
    z, x = operands(targets, log_input)
    found = np.exp(x) - x * z
    if not compute_full_loss:
        return np.asarray(found)
    stirling = z * np.log(z) - z + 0.5 * np.log(2 * math.pi * z)
    return np.asarray(found + np.where((z >= 0) & (z <= 1), 0, stirling), dtype=x.dtype)


def l2_loss(t: Any) -> Array:
    return np.asarray(np.sum(np.square(tensor(t))) / 2)


def crelu(features: Any, axis: Any = -1) -> Array:
    x = tensor(features)
    return np.asarray(np.maximum(np.concatenate([x, -x], axis=int(axis)), 0))


def moments(x: Any, axes: Any, shift: Any = None, *, keepdims: Any = None, keep_dims: Any = None) -> list[Array]:
    """Mean and variance; those of half numbers are computed in float32."""
    given = tensor(x)
    wide = given.astype(np.float32) if given.dtype.itemsize < 4 else given
    kept = bool(keepdims or keep_dims)
    found = [function(wide, axis=axes_of(axes), keepdims=kept) for function in (np.mean, np.var)]
    return [np.asarray(y).astype(given.dtype) for y in found]


def weighted_moments(
    x: Any, axes: Any, frequency_weights: Any, *, keepdims: Any = None, keep_dims: Any = None
) -> list[Array]:
    value = tensor(x)
    if value.dtype.itemsize < 4:
        raise ValueError("half numbers")
    weights = np.broadcast_to(np.asarray(frequency_weights, value.dtype), value.shape)
    total = np.sum(weights, axis=axes_of(axes), keepdims=True)
    if not total.all():
        raise ValueError("weights of zero: NaN or 0 by the generation of TensorFlow")

    def mean(y: Array) -> Array:
        return np.asarray(np.sum(weights * y, axis=axes_of(axes), keepdims=True) / total)

    middle = mean(value)
    both = [middle, mean(np.square(value - middle))]
    return both if keepdims or keep_dims else [np.squeeze(y, axes_of(axes)) for y in both]


def batch_normalization(x: Any, mean: Any, variance: Any, offset: Any, scale: Any, variance_epsilon: Any) -> Array:
    value = tensor(x)
    mean, variance = (np.asarray(y, value.dtype) for y in (mean, variance))
    factor = 1 / np.sqrt(variance + np.asarray(variance_epsilon, value.dtype))
    factor = factor if scale is None else factor * np.asarray(scale, value.dtype)
    shift = -mean * factor if offset is None else np.asarray(offset, value.dtype) - mean * factor
    return np.asarray(value * factor + shift)


def local_response_normalization(
    input: Any, depth_radius: Any = 5, bias: Any = 1, alpha: Any = 1, beta: Any = 0.5
) -> Array:
    """By the channels around each."""
    x, radius = tensor(input), int(depth_radius)
    squares = np.pad(np.square(x), [*[(0, 0)] * (x.ndim - 1), (radius, radius)])
    total = sum(squares[..., n : n + x.shape[-1]] for n in range(2 * radius + 1))
    bias, alpha, beta = (x.dtype.type(y) for y in (bias, alpha, beta))
    return np.asarray(x / (bias + alpha * total) ** beta)


def in_top_k(first: Any, second: Any, k: Any) -> Array:
    """TensorFlow 1 has the predictions first, TensorFlow 2 the targets."""
    predictions, targets = (first, second) if np.ndim(first) == 2 else (second, first)
    x, at = tensor(predictions), np.asarray(targets)
    known = (at >= 0) & (at < x.shape[1])
    own = np.take_along_axis(x, np.where(known, at, 0)[:, np.newaxis].astype(int), axis=1)
    more = np.sum(x > own, axis=1)
    return np.asarray(known & np.isfinite(x).all(axis=1) & (more < int(k)))


def in_top_k_targets_first(targets: Any, predictions: Any, k: Any) -> Array:
    return in_top_k(targets, predictions, k)


def in_top_k_predictions_first(predictions: Any, targets: Any, k: Any) -> Array:
    return in_top_k(predictions, targets, k)


def embedding_lookup(params: Any, ids: Any, *, partition_strategy: Any = None, max_norm: Any = None) -> Array:
    if max_norm is not None or (isinstance(params, list) and any(isinstance(p, np.ndarray) for p in params)):
        raise ValueError("max_norm, or a table in parts")
    table, rows = tensor(params), np.asarray(ids)
    if rows.size and (rows.min() < 0 or rows.max() >= len(table)):
        raise ValueError("an ID outside of the table")
    return np.asarray(np.take(table, rows, axis=0))


OPS: dict[str, Op] = {
    "sigmoid_cross_entropy_with_logits": sigmoid_cross_entropy,
    "weighted_cross_entropy_with_logits": weighted_cross_entropy,
    "softmax_cross_entropy_with_logits": softmax_cross_entropy,
    "softmax_cross_entropy_with_logits_v2": softmax_cross_entropy,
    "sparse_softmax_cross_entropy_with_logits": sparse_softmax_cross_entropy,
    "log_poisson_loss": log_poisson_loss,
    "l2_loss": l2_loss,
    "crelu": crelu,
    "moments": moments,
    "weighted_moments": weighted_moments,
    "batch_normalization": batch_normalization,
    "local_response_normalization": local_response_normalization,
    "lrn": local_response_normalization,
    "embedding_lookup": embedding_lookup,
}
BY_API: dict[str, Op] = {
    "math.in_top_k": in_top_k_targets_first,
    "nn.in_top_k": in_top_k_targets_first,
    "compat.v1.math.in_top_k": in_top_k_predictions_first,
    "compat.v1.nn.in_top_k": in_top_k_predictions_first,
}
