"""Attention and AdditiveAttention: tensorflow/python/keras/layers/dense_attention.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from k2to3.proof.keras2.activations import pushed, softmax
from k2to3.proof.keras2.layer import Context, Layer, Make
from k2to3.proof.keras2.options import Options
from k2to3.proof.keras2.tensor import Array, Structure, Tensor

LARGE = 1.0e9


class DenseAttention(Layer):
    """softmax(scores) · value. Masked values get a score of -1e9, masked queries a result of 0.

    The mask after is that of the query.
    """

    since = "tf.keras 1.14"
    source = "tensorflow/python/keras/layers/dense_attention.py"
    history = ("to 2.9: `causal` in the config; from 2.10 on `use_causal_mask` in the call",)
    masking = "passes"

    def read(self, options: Options, make: Make) -> None:
        self.use_scale = bool(options.take("use_scale", self.scales_by_default()))
        self.causal = bool(options.take("causal", False))
        self.dropout = options.take("dropout", 0)

    def differs_in_training(self) -> bool:
        return bool(self.dropout)

    def scales_by_default(self) -> bool:
        return False

    def call(self, inputs: Structure, context: Context, **kwargs: Any) -> Structure:
        causal = self.causal or bool(kwargs.pop("use_causal_mask", False))
        scores_too = bool(kwargs.pop("return_attention_scores", False))
        self.refuse_arguments(kwargs)
        query, value, *rest = self.several(inputs)
        key = rest[0] if rest else value
        scores = self.scores(query.value, key.value, context)
        allowed = self.allowed(scores.shape, value.mask, causal)
        if allowed is not None:
            scores = pushed(scores, np.broadcast_to(np.where(allowed, 0, -LARGE), scores.shape))
        weights = softmax(scores)
        found = weights @ value.value
        if query.mask is not None:
            found = found * query.mask[..., np.newaxis].astype(found.dtype)
        result = Tensor(found, query.mask)
        return [result, Tensor(weights)] if scores_too else result

    def allowed(self, shape: tuple[int, ...], mask: Array | None, causal: bool) -> Array | None:
        found = None if mask is None else mask[:, np.newaxis, :].astype(bool)
        if causal:
            lower = np.tril(np.ones((1, *shape[-2:]), bool))
            found = lower if found is None else found & lower
        return found

    def scores(self, query: Array, key: Array, context: Context) -> Array:
        raise NotImplementedError


class Attention(DenseAttention):
    """query · key, times a scale; `score_mode='concat'` (2.8): sum of tanh(query + key), times a weight."""

    names = ("Attention",)

    def read(self, options: Options, make: Make) -> None:
        super().read(options, make)
        self.score_mode = options.take("score_mode", "dot")

    def own_weights(self) -> tuple[Sequence[str], Sequence[str]]:
        found = ["scale"] if self.use_scale else []
        return [*found, "concat_score_weight"] if self.score_mode == "concat" else found, ()

    def scores(self, query: Array, key: Array, context: Context) -> Array:
        if self.score_mode == "dot":
            found = query @ np.swapaxes(key, -1, -2)
            return found * self.weight("scale", context) if self.use_scale else found
        both = query[..., :, np.newaxis, :] + key[..., np.newaxis, :, :]
        both = both * self.weight("scale", context) if self.use_scale else both
        return np.asarray(self.weight("concat_score_weight", context) * np.sum(np.tanh(both), axis=-1))


class AdditiveAttention(DenseAttention):
    """sum of scale * tanh(query + key)."""

    names = ("AdditiveAttention",)

    def scales_by_default(self) -> bool:
        return True

    def own_weights(self) -> tuple[Sequence[str], Sequence[str]]:
        return (("scale",) if self.use_scale else ()), ()

    def scores(self, query: Array, key: Array, context: Context) -> Array:
        both = np.tanh(query[..., :, np.newaxis, :] + key[..., np.newaxis, :, :])
        both = both * self.weight("scale", context) if self.use_scale else both
        return np.asarray(np.sum(both, axis=-1))
