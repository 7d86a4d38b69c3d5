"""The attention layer of DeepMoji and textgenrnn.

Sources: github.com/bfelbo/DeepMoji (deepmoji/attlayer.py), github.com/minimaxir/textgenrnn
(textgenrnn/AttentionWeightedAverage.py); both compute the same.
"""

from __future__ import annotations

from collections.abc import Mapping

from k2to3.keras3 import ops
from k2to3.keras3.graph import Graph, Structure, Tensor
from k2to3.rules.language import Composite, Context, as_stored, rule
from k2to3.rules.rebuilding import one_tensor, reduce

EPSILON = 1e-7


@rule(
    "AttentionWeightedAverage", "Custom>AttentionWeightedAverage", slots=as_stored, masks="drop", origin="third party"
)
def weighted_average(context: Context) -> Composite:
    """DeepMoji's and textgenrnn's attention: a softmax over time, masked steps left out."""
    one_tensor(context)
    scores = context.config.flag("return_attention", False)
    kernel = context.find_weight(".*_W", context.shape[-1], 1)
    logits = context.layer("Dense", {"units": 1, "use_bias": False}, [kernel], name=f"{context.name}_logits")
    context.note("rebuilt", "from Dense and ops: softmax over time, then the weighted sum")

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        weights = attended(graph, graph.call(logits, inputs), inputs.mask and graph.mask_tensor(inputs.mask), context)
        product = ops.multiply(graph, inputs, weights, name=f"{context.name}_weighted")
        total = ops.squeeze(
            graph, reduce(graph, ops.sum, product, [1], f"{context.name}_sum"), 1, name=f"{context.name}_output"
        )
        return [total, ops.squeeze(graph, weights, 2, name=f"{context.name}_weights")] if scores else total

    return Composite(body)


def attended(graph: Graph, logits: Tensor, mask: Tensor | None, context: Context) -> Tensor:
    """exp(l - max l) · mask / (its sum + 1e-7) over time; `logits` are (batch, time, 1)."""
    name = context.name
    top = reduce(graph, ops.max, logits, [1], f"{name}_max")
    found = ops.exp(graph, ops.subtract(graph, logits, top, name=f"{name}_shifted"), name=f"{name}_exp")
    return normalised(graph, found, mask, name)


def normalised(graph: Graph, found: Tensor, mask: Tensor | None, name: str) -> Tensor:
    """x · mask / (its sum over time + 1e-7); `found` is (batch, time, 1), `mask` (batch, time)."""
    if mask is not None:
        kept = ops.cast(graph, mask, found.dtype, name=f"{name}_mask")
        kept = ops.expand_dims(graph, kept, axis=-1, name=f"{name}_steps")
        found = ops.multiply(graph, found, kept, name=f"{name}_kept")
    total = ops.add(graph, reduce(graph, ops.sum, found, [1], f"{name}_total"), EPSILON, name=f"{name}_norm")
    return ops.divide(graph, found, total, name=f"{name}_attention")
