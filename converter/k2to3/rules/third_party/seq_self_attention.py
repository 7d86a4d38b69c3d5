"""SeqSelfAttention of keras-self-attention (github.com/CyberZHG/keras-self-attention).

Its releases agree without masks (to the rounding of 1e-7 in a sum that is at least 1), and
differ on masked steps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from k2to3.errors import UnsupportedOption
from k2to3.keras3 import ops
from k2to3.keras3.graph import Graph, Structure, Tensor, one
from k2to3.keras3.layer import Layer
from k2to3.rules.activations.activation import read_activation
from k2to3.rules.common import forgotten_training
from k2to3.rules.language import Composite, Context, as_stored, rule
from k2to3.rules.rebuilding import one_tensor, reduce
from k2to3.rules.third_party.weighted_average import EPSILON

Emission = Callable[[Graph, Tensor], Tensor]


@rule("SeqSelfAttention", "Custom>SeqSelfAttention", slots=as_stored, origin="keras-self-attention")
def seq_self_attention(context: Context) -> Composite:
    """keras-self-attention's SeqSelfAttention without masks and window, from Dense layers and ops."""
    one_tensor(context)
    config = context.config
    if context.masked:
        raise UnsupportedOption(
            "releases of keras-self-attention treat masked steps in different ways",
            layer=context.record.name,
            hint="--custom-objects with your release",
        )
    config.drop("attention_width", None)
    config.drop("history_only", False)
    if config.take("attention_regularizer_weight", 0.0):
        context.note("dropped", "attention_regularizer_weight: a penalty while training")
    forgotten_training(context, "kernel", "bias", defaults={"kernel": "glorot_normal"})
    kind, scores = config.take("attention_type", "additive"), config.flag("return_attention", False)
    emission = _additive(context) if kind == "additive" else _multiplicative(context)
    activation = read_activation(context, "attention_activation", None)
    config.ignore("units", "use_additive_bias", "use_attention_bias")
    if activation.folds or activation.name is None:
        raise UnsupportedOption("this attention activation", layer=context.record.name, key="attention_activation")
    after = context.layer("Activation", {"activation": activation.name}, name=f"{context.name}_activation")
    product = context.layer("Dot", {"axes": [2, 1]}, name=f"{context.name}_output")
    context.note("rebuilt", "from Dense layers and ops")

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        tensor = one(inputs)
        weights = _softmax(graph, graph.call(after, emission(graph, tensor)), context.name)
        output = graph.call(product, [weights, tensor])
        return [output, weights] if scores else output

    return Composite(body)


def _softmax(graph: Graph, scores: Tensor, name: str) -> Tensor:
    shifted = ops.subtract(graph, scores, reduce(graph, ops.max, scores, [2], f"{name}_max"), name=f"{name}_low")
    found = ops.exp(graph, shifted, name=f"{name}_exp")
    total = ops.add(graph, reduce(graph, ops.sum, found, [2], f"{name}_total"), EPSILON, name=f"{name}_norm")
    return ops.divide(graph, found, total, name=f"{name}_attention")


def _multiplicative(context: Context) -> Emission:
    width = context.shape[-1]
    dense = {"units": width, "use_bias": False}
    query = context.layer("Dense", dense, [context.find_weight(".*_Mul_Wa", width, width)], f"{context.name}_query")
    product = context.layer("Dot", {"axes": [2, 2]}, name=f"{context.name}_product")
    bias = _bias(context, ".*_Mul_ba")

    def emission(graph: Graph, x: Tensor) -> Tensor:
        return _plus(graph, graph.call(product, [graph.call(query, x), x]), bias, context.name)

    return emission


def _additive(context: Context) -> Emission:
    """tanh(x_t W_t + x_t' W_x + b_h) W_a + b_a."""
    width, units, name = context.shape[-1], context.config.integer("units", 32), context.name
    use_bias = context.config.flag("use_additive_bias", True)
    dense = {"units": units, "use_bias": False}
    query = context.layer("Dense", dense, [context.find_weight(".*_Add_Wt", width, units)], f"{name}_query")
    keys = [context.find_weight(".*_Add_Wx", width, units)]
    keys += [context.find_weight(".*_Add_bh", units)] if use_bias else []
    key = context.layer("Dense", {"units": units, "use_bias": use_bias}, keys, f"{name}_key")
    last = context.layer(
        "Dense", {"units": 1, "use_bias": False}, [context.find_weight(".*_Add_Wa", units, 1)], f"{name}_score"
    )
    bias = _bias(context, ".*_Add_ba")

    def emission(graph: Graph, x: Tensor) -> Tensor:
        rows = ops.expand_dims(graph, graph.call(query, x), axis=2)
        columns = ops.expand_dims(graph, graph.call(key, x), axis=1)
        hidden = ops.tanh(graph, ops.add(graph, rows, columns, name=f"{name}_pairs"), name=f"{name}_tanh")
        scores = ops.squeeze(graph, graph.call(last, hidden), 3)
        return _plus(graph, scores, bias, name)

    return emission


def _bias(context: Context, pattern: str) -> Layer | None:
    if not context.config.flag("use_attention_bias", True):
        return None
    weight = context.find_weight(pattern, 1)
    settings = {"equation": "bts,u->btsu", "output_shape": [context.shape[1], context.shape[1], 1], "bias_axes": None}
    return context.layer("EinsumDense", settings, [weight], name=f"{context.name}_bias")


def _plus(graph: Graph, scores: Tensor, bias: Layer | None, name: str) -> Tensor:
    if bias is None:
        return scores
    ones = ops.ones_like(graph, scores, name=f"{name}_ones")
    added_bias = ops.squeeze(graph, graph.call(bias, ones), 3)
    return ops.add(graph, scores, added_bias, name=f"{name}_scores")
