"""GroupNormalization with a mask as an argument: what it masks is left out of the statistics.

Only tf-keras from 2.12 on takes one (`_apply_normalization`, `tf.nn.weighted_moments`); Keras 3 does not.
"""

from __future__ import annotations

from collections.abc import Mapping

from k2to3.errors import UnsupportedOption
from k2to3.keras3 import ops
from k2to3.keras3.graph import Graph, Structure, Tensor
from k2to3.keras3.layer import Layer
from k2to3.keras3.types import Shape
from k2to3.rules.language import Composite, Context
from k2to3.rules.normalization.affine import affine, normalised
from k2to3.rules.rebuilding import reduce


def masked_groups(context: Context, axis: int, groups: int, epsilon: float) -> Composite:
    """Weighted means and variances from ops.

    Raises:
        UnsupportedOption: several unknown extents, half precision, an activity regularizer.
    """
    shape = context.shape
    for stands, key in (
        (sum(n is None for n in shape[1:]) > 1, "mask"),
        ("16" in str(context.policy), "dtype"),
        (context.config.take("activity_regularizer", None) is not None, "activity_regularizer"),
    ):
        if stands:
            raise UnsupportedOption("is called with a mask as well", layer=context.record.name, key=key)
    width = shape[axis]
    if width is None:
        raise UnsupportedOption("an unknown number of channels", layer=context.record.name, key="axis")
    count = width if groups == -1 else groups
    grouped: Shape = (*shape[:axis], count, width // count, *shape[axis + 1 :])
    rest = [each for each in range(1, len(grouped)) if each != axis]
    apply = affine(context, axis)
    context.note("rebuilt", "masked steps are left out of the statistics: from ops")

    def reshape(name: str, to: Shape) -> Layer:
        target = [-1 if n is None else n for n in to[1:]]
        return context.layer("Reshape", {"target_shape": target}, name=f"{context.name}_{name}")

    split, split_mask, joined = reshape("groups", grouped), reshape("mask_groups", grouped), reshape("joined", shape)

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        mask = ops.cast(graph, kwargs["mask"], inputs.dtype)
        weights = graph.call(split_mask, ops.multiply(graph, ops.ones_like(graph, inputs), mask))
        x = graph.call(split, inputs)
        total = reduce(graph, ops.sum, weights, rest)

        def mean(value: Tensor) -> Tensor:
            weighted = reduce(graph, ops.sum, ops.multiply(graph, value, weights), rest)
            return ops.true_divide(graph, weighted, total)

        centre = mean(x)
        variance = ops.subtract(graph, mean(ops.square(graph, x)), ops.square(graph, centre))
        return apply(graph, graph.call(joined, normalised(graph, x, centre, variance, epsilon)))

    return Composite(body)
