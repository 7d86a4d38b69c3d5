"""The attention layers of the gists that most text classifiers of 2017 to 2020 copied.

Sources: gist.github.com/cbaziotis/6428df359af27d58078ca5ed9792bd6d (Attention) and
7ef97ccf71cbc14366835198c09809d2 (AttentionWithContext). Variants under the same names
differ in details that no file shows, so these are only used when asked for, with
`--treat-as Attention='cbaziotis>Attention'`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from k2to3.keras3 import ops
from k2to3.keras3.graph import Graph, Structure, Tensor, one
from k2to3.rules.language import Composite, Context, as_stored, rule
from k2to3.rules.rebuilding import added, one_tensor, reduce, scaled
from k2to3.rules.third_party.weighted_average import normalised
from k2to3.weights import Reshape

Scores = Callable[[Graph, Tensor], Tensor]


@rule("cbaziotis>AttentionWithContext", slots=as_stored, masks="drop", origin="third party")
def with_context(context: Context) -> Composite:
    """cbaziotis's AttentionWithContext: exp(tanh(x W + b) · u), normalised over time, from Dense and ops."""
    one_tensor(context)
    width, biased = context.shape[-1], _read_keys(context, 3)
    weights = [context.find_weight(".*_W", width, width)]
    weights += [context.find_weight(".*_b", width)] if biased else []
    settings = {"units": width, "use_bias": biased, "activation": "tanh"}
    hidden = context.layer("Dense", settings, weights, name=f"{context.name}_hidden")
    vector = context.find_weight(".*_u", width)
    last = context.layer(
        "Dense", {"units": 1, "use_bias": False}, [Reshape(vector, (*vector.shape, 1))], f"{context.name}_score"
    )
    return _weighted(context, lambda graph, x: graph.call(last, graph.call(hidden, x)))


@rule("cbaziotis>Attention", slots=as_stored, masks="drop", origin="third party")
def without_context(context: Context) -> Composite:
    """cbaziotis's Attention: exp(tanh(x · w + b)), normalised over time; `b` has one value per step."""
    one_tensor(context)
    steps, width = context.shape[1:]
    vector = context.find_weight(".*_W", width)
    dense = {"units": 1, "use_bias": False}
    score = context.layer("Dense", dense, [Reshape(vector, (*vector.shape, 1))], name=f"{context.name}_score")
    squash = context.layer("Activation", {"activation": "tanh"}, name=f"{context.name}_tanh")
    bias = None
    if _read_keys(context, 2):
        bias = scaled(context, context.find_weight(".*_b", steps), [1], "bias", output_shape=[steps, 1])

    def scores(graph: Graph, x: Tensor) -> Tensor:
        found = graph.call(score, x)
        found = found if bias is None else added(graph, bias, found, f"{context.name}_biased")
        return graph.call(squash, found)

    return _weighted(context, scores)


def _read_keys(context: Context, weights: int) -> bool:
    """Whether there is a bias. The gists write no config; late tf.keras writes the arguments."""
    biased = len(context.weights.slots) == weights
    for name in ("W", "u", "b"):
        context.config.drop(f"{name}_regularizer", None)
        context.config.drop(f"{name}_constraint", None)
    context.config.drop("bias", biased)
    return biased


def _weighted(context: Context, scores: Scores) -> Composite:
    name = context.name
    context.note("rebuilt", "from Dense and ops: attention over time, then the weighted sum")

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        tensor = one(inputs)
        mask = graph.mask_tensor(tensor.mask) if tensor.mask else None
        weights = normalised(graph, ops.exp(graph, scores(graph, tensor), name=f"{name}_exp"), mask, name)
        product = ops.multiply(graph, tensor, weights, name=f"{name}_weighted")
        return ops.squeeze(graph, reduce(graph, ops.sum, product, [1], f"{name}_sum"), 1, name=f"{name}_output")

    return Composite(body)
