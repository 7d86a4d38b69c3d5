"""A Dense layer that rebuilt layers hold, with the author's activation."""

from __future__ import annotations

from collections.abc import Callable

from k2to3.keras3.graph import Graph, Tensor, one
from k2to3.rules.activations.activation import activate, activation_of
from k2to3.rules.language import Context
from k2to3.weights import Expression

Projection = Callable[[Graph, Tensor], Tensor]


def dense(context: Context, name: str, weights: list[Expression], activation: object) -> Projection:
    """Dense over the kernel and perhaps the bias in `weights`, then the activation."""
    settings = {"units": weights[0].shape[-1], "use_bias": len(weights) > 1}
    layer = context.layer("Dense", settings, weights, name)
    after = activation_of(context, activation, "activation")

    def projected(graph: Graph, x: Tensor) -> Tensor:
        return one(activate(graph, graph.call(layer, x), after, name, context.policy))

    return projected
