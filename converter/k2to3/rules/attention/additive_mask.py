"""Masked softmax as Keras 2 computed it.

Keras 2 adds -1e9 to masked scores (the lowest number in half precision), so a row without
any unmasked step keeps a softmax of its own; Keras 3 since 3.10 gives zeros or an even
spread there. Source: tf_keras/layers/activation/softmax.py.
"""

from __future__ import annotations

from k2to3.keras3.graph import Graph, Tensor

LOW = {"float16": 65504.0}


def mask_scores(graph: Graph, scores: Tensor, mask: Tensor, robust: bool = False) -> Tensor:
    """`scores` with masked places lowered; `mask` broadcasts, 1 or True keeps a place.

    `robust` is `robust_masking=True`: masked scores are replaced, not lowered.
    """
    low = LOW.get(scores.dtype, 1e9)
    if robust:
        keep = mask if mask.dtype == "bool" else graph.op("numpy.Greater", mask, 0.5, dtype="bool")
        return graph.op("numpy.Where", keep, scores, -low, shape=scores.shape, dtype=scores.dtype)
    cast = graph.op("core.Cast", mask, config={"dtype": scores.dtype}, dtype=scores.dtype)
    missing = graph.op("numpy.Subtract", 1.0, cast)
    # Subtracted, not added: Keras' TensorFlow backend takes some sums for a bias.
    return graph.op("numpy.Subtract", scores, graph.op("numpy.Multiply", missing, low), shape=scores.shape)
