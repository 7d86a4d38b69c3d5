"""Multi-head attention and the feed-forward layer.

Sources: keras_multi_head/multi_head_attention.py, keras_self_attention/scaled_dot_attention.py,
keras_position_wise_feed_forward/feed_forward.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt

from k2to3.errors import BadConfig, UnsupportedOption
from k2to3.keras3 import ops
from k2to3.keras3.graph import Graph, Structure, Tensor, one, tensors
from k2to3.keras3.masks import Mask
from k2to3.rules.common import forgotten_training
from k2to3.rules.language import Composite, Context, Masks, as_stored, rule
from k2to3.rules.third_party.keras_bert.dense import Projection, dense

FAR = 10000.0
"""Taken off the scores of what may not be seen."""
GLOROT = {"kernel": "glorot_normal"}


def first_mask(context: Context, masks: Masks) -> Masks:
    return masks[:1]


@rule("keras_bert>MultiHeadAttention", slots=as_stored, masks=first_mask, origin="keras-bert")
def multi_head_attention(context: Context) -> Composite:
    """keras-multi-head's MultiHeadAttention on one tensor or [query, key, value], from Dense layers and ops."""
    heads, history = context.config.integer("head_num"), context.config.flag("history_only", False)
    shapes = context.shapes if len(context.shapes) == 3 else context.shapes * 3
    width = shapes[-1][-1]
    if len(shapes) != 3:
        raise UnsupportedOption(f"is called on {len(context.shapes)} tensors", layer=context.record.name)
    if width is None or width % heads:
        raise BadConfig(f"{heads} heads of {width} features", layer=context.record.name, key="head_num")
    forgotten_training(context, "kernel", "bias", defaults=GLOROT)
    project = _projections(context, [*(shape[-1] for shape in shapes), width], width)
    split = context.layer("Reshape", {"target_shape": [-1, heads, width // heads]}, name=f"{context.name}_heads")
    join = context.layer("Reshape", {"target_shape": [-1, width]}, name=f"{context.name}_joined")
    context.note("rebuilt", "from Dense layers and ops")

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        given = list(tensors(inputs))
        given = given if len(given) == 3 else given * 3
        query, key, value = (graph.call(split, project[i](graph, x)) for i, x in enumerate(given))
        scores = ops.einsum(graph, "bqhd,bkhd->bhqk", query, key, name=f"{context.name}_products")
        scores = ops.divide(graph, scores, sqrt(width // heads), name=f"{context.name}_scores")
        weights = _seen(graph, scores, given[1].mask, history, context.name)
        found = ops.einsum(graph, "bhqk,bkhd->bqhd", weights, value, name=f"{context.name}_seen")
        return project[3](graph, graph.call(join, found))

    return Composite(body)


def _projections(context: Context, widths: list[int | None], units: int) -> list[Projection]:
    """x W + b of query, key, value and output, each with the activation."""
    biased, activation = context.config.flag("use_bias", True), context.config.take("activation", "relu")
    found = []
    for letter, width in zip("qkvo", widths, strict=True):
        weights = [context.find_weight(f".*_W{letter}", width, units)]
        weights += [context.find_weight(f".*_b{letter}", units)] if biased else []
        found.append(dense(context, f"{context.name}_{letter}", weights, activation))
    return found


def _seen(graph: Graph, scores: Tensor, mask: Mask | None, history: bool, name: str) -> Tensor:
    """A softmax over the keys; those that are masked or lie ahead are far behind, not out."""
    if history:
        ones = ops.ones_like(graph, scores, name=f"{name}_ones")
        column, row = (ops.cumsum(graph, ones, axis=axis) for axis in (3, 2))
        scores = _farther(graph, scores, ops.greater(graph, column, row, name=f"{name}_ahead"))
    if mask is not None:
        known = ops.expand_dims(graph, ops.expand_dims(graph, graph.mask_tensor(mask), axis=1), axis=1)
        scores = _farther(graph, scores, ops.equal(graph, known, False))
    return graph.op("nn.Softmax", scores, config={"axis": -1}, name=f"{name}_weights")


def _farther(graph: Graph, scores: Tensor, hidden: Tensor) -> Tensor:
    penalty = ops.multiply(graph, ops.cast(graph, hidden, scores.dtype), FAR)
    return ops.subtract(graph, scores, penalty)


@rule("keras_bert>FeedForward", slots=as_stored, origin="keras-bert")
def feed_forward(context: Context) -> Composite:
    """keras-position-wise-feed-forward's FeedForward: two Dense layers, the first with an activation and dropout."""
    config, width, units = context.config, context.shape[-1], context.config.integer("units")
    forgotten_training(context, "kernel", "bias", defaults=GLOROT)
    biased, activation = config.flag("use_bias", True), config.take("activation", "relu")
    weights = [[context.find_weight(".*_W1", width, units)], [context.find_weight(".*_W2", units, width)]]
    if biased:
        weights[0].append(context.find_weight(".*_b1", units))
        weights[1].append(context.find_weight(".*_b2", width))
    hidden = dense(context, f"{context.name}_hidden", weights[0], activation)
    output = dense(context, f"{context.name}_output", weights[1], None)
    rate = config.number("dropout_rate", 0.0)
    drop = context.layer("Dropout", {"rate": rate}, name=f"{context.name}_dropout") if 0 < rate < 1 else None
    context.note("rebuilt", "from two Dense layers")

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        x = hidden(graph, one(inputs))
        return output(graph, x if drop is None else graph.call(drop, x))

    return Composite(body)
