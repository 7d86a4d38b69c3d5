"""MultiHeadAttention: tf_keras/src/layers/attention/multi_head_attention.py."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from k2to3.proof.keras2.activations import pushed, softmax
from k2to3.proof.keras2.layer import Context, Layer, Make
from k2to3.proof.keras2.options import Options
from k2to3.proof.keras2.tensor import Array, Structure, Tensor

PARTS = ("query", "key", "value", "attention_output")


class MultiHeadAttention(Layer):
    """Heads of softmax(query · key / sqrt(key_dim)) · value, projected back."""

    since = "tf.keras 2.4"
    source = "tf_keras/src/layers/attention/multi_head_attention.py"
    history = (
        "2.10: masks of query, value and key are merged into attention_mask by themselves; use_causal_mask",
        "before, masks are not seen and end here",
    )
    names = ("MultiHeadAttention",)

    def read(self, options: Options, make: Make) -> None:
        options.take("num_heads")
        self.key_dim = int(options.take("key_dim"))
        self.use_bias = bool(options.take("use_bias", True))
        axes = options.take("attention_axes", None)
        self.attention_axes = [axes] if isinstance(axes, int) else axes
        options.ignore("value_dim", "output_shape", "query_shape", "key_shape", "value_shape")
        options.only("softmax_robust_masking", False, None)
        self.dropout = options.take("dropout", 0)

    def differs_in_training(self) -> bool:
        return bool(self.dropout)

    def own_weights(self) -> tuple[Sequence[str], Sequence[str]]:
        kinds = ("kernel", "bias") if self.use_bias else ("kernel",)
        return [f"{part}_{kind}" for part in PARTS for kind in kinds], ()

    def passes(self) -> bool:
        return self.author.tensorflow_since(2, 10)

    def call(self, inputs: Structure, context: Context, **kwargs: Any) -> Structure:
        tensors = self.several(inputs)
        query = tensors[0]
        value = kwargs.pop("value", None) or tensors[1]
        key = kwargs.pop("key", None) or (tensors[2] if len(tensors) > 2 else value)
        given = kwargs.pop("attention_mask", None)
        scores_too = bool(kwargs.pop("return_attention_scores", False))
        causal = bool(kwargs.pop("use_causal_mask", False))
        self.refuse_arguments(kwargs)
        mask = self.whole_mask(given, query, value, key, causal)
        found, weights = self.attend(query.value, key.value, value.value, mask, context)
        result = Tensor(found, self.next_mask(query.mask) if query.mask is not None else None)
        return [result, Tensor(weights)] if scores_too else result

    def whole_mask(self, given: Any, query: Tensor, value: Tensor, key: Tensor, causal: bool) -> Array | None:
        """As given where nothing joins it; it may hold fractions then."""
        found = None
        if given is not None:
            found = given.value if isinstance(given, Tensor) else np.asarray(given)
        parts: list[Array] = []
        masks = (query.mask, value.mask, key.mask)
        if any(mask is not None for mask in masks) and self.passes():
            parts += [mask[..., np.newaxis] for mask in masks[:1] if mask is not None]
            parts += [mask[..., np.newaxis, :] for mask in masks[1:] if mask is not None]
        if causal:
            parts.append(np.tril(np.ones((1, query.value.shape[1], value.value.shape[1]), bool)))
        for part in parts:
            found = part.astype(bool) if found is None else found.astype(bool) & part.astype(bool)
        return found

    def project(self, value: Array, part: str, context: Context) -> Array:
        found = np.tensordot(value, self.weight(f"{part}_kernel", context), axes=1)
        return found + self.weight(f"{part}_bias", context) if self.use_bias else found

    def attend(
        self, query: Array, key: Array, value: Array, mask: Array | None, context: Context
    ) -> tuple[Array, Array]:
        """Axes: (batch…, attended…, heads, size) become (batch…, heads, attended, size)."""
        rank = query.ndim
        axes = list(range(1, rank - 1)) if self.attention_axes is None else [a % rank for a in self.attention_axes]
        q, k, v = (self.project(x, part, context) for x, part in zip((query, key, value), PARTS, strict=False))
        q = q * q.dtype.type(1.0 / math.sqrt(float(self.key_dim)))
        others = [a for a in range(rank - 1) if a not in axes]
        order = [*others, rank - 1, *axes, rank]
        flat = [
            x.transpose(order).reshape(*(x.shape[a] for a in others), x.shape[-2], -1, x.shape[-1]) for x in (q, k, v)
        ]
        scores = flat[0] @ np.swapaxes(flat[1], -1, -2)
        whole = (*scores.shape[:-2], *(q.shape[a] for a in axes), *(k.shape[a] for a in axes))
        if mask is not None:
            scores = self.masked(scores.reshape(whole), mask, len(axes)).reshape(scores.shape)
        weights = softmax(scores)
        mixed = (weights @ flat[2]).reshape(*scores.shape[:-2], *(q.shape[a] for a in axes), v.shape[-1])
        back = np.argsort(order)
        mixed = mixed.transpose(back)
        kernel = self.weight("attention_output_kernel", context)
        found = np.tensordot(mixed, kernel, axes=2)
        found = found + self.weight("attention_output_bias", context) if self.use_bias else found
        return found, weights.reshape(whole)

    def masked(self, scores: Array, mask: Array, attended: int) -> Array:
        """Missing axes of the mask stand before the attended ones (`_masked_softmax`)."""
        while mask.ndim < scores.ndim:
            mask = np.expand_dims(mask, -attended * 2 - 1)
        return pushed(scores, np.broadcast_to((1 - mask.astype(scores.dtype)) * -1e9, scores.shape))
