"""Masked softmax as Keras 2 computed it.

Keras 2 adds -1e9 to masked scores (the lowest number in half precision), so a row without
any unmasked step keeps a softmax of its own; Keras 3 since 3.10 gives zeros or an even
spread there. Source: tf_keras/layers/activation/softmax.py.
"""

from __future__ import annotations

from k2to3.keras3 import ops
from k2to3.keras3.graph import Graph, Tensor

LOW = {"float16": 65504.0}


def mask_scores(graph: Graph, scores: Tensor, mask: Tensor, robust: bool = False) -> Tensor:
    """`scores` with masked places lowered; `mask` broadcasts, 1 or True keeps a place.

    `robust` is `robust_masking=True`: masked scores are replaced, not lowered.
    """
    low = LOW.get(scores.dtype, 1e9)
    if robust:
        keep = mask if mask.dtype == "bool" else ops.greater(graph, mask, 0.5)
        return ops.where(graph, keep, scores, -low)
    cast = ops.cast(graph, mask, scores.dtype)
    missing = ops.subtract(graph, 1.0, cast)
    # Subtracted, not added: Keras' TensorFlow backend takes some sums for a bias.
    return ops.subtract(graph, scores, ops.multiply(graph, missing, low))
