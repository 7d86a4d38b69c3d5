"""Normalising, and a gain and an offset for each channel that train as those of a normalization do."""

from __future__ import annotations

from collections.abc import Callable

from k2to3.keras3 import ops
from k2to3.keras3.graph import Graph, Tensor
from k2to3.rules.common import trained
from k2to3.rules.language import Context
from k2to3.rules.rebuilding import added, scaled

DEFAULTS = {"gamma": "ones", "beta": "zeros"}
Step = Callable[[Graph, Tensor], Tensor]


def affine(context: Context, axis: int) -> Step:
    """gamma · x + beta along `axis`, as the `scale` and `center` of the layer say."""
    layers = {}
    for weight, key in (("gamma", "scale"), ("beta", "center")):
        settings = trained(context, weight, defaults=DEFAULTS)
        if context.config.flag(key, True):
            settings = {f"{weight}_initializer": DEFAULTS[weight], **settings}
            kernel = {name.replace(weight, "kernel"): value for name, value in settings.items()}
            layers[weight] = scaled(context, context.weight(weight, context.shape[axis]), [axis], weight, **kernel)

    def step(graph: Graph, tensor: Tensor) -> Tensor:
        if "gamma" in layers:
            tensor = graph.call(layers["gamma"], tensor)
        return added(graph, layers["beta"], tensor, context.name) if "beta" in layers else tensor

    return step


def normalised(graph: Graph, x: Tensor, mean: Tensor, variance: Tensor, epsilon: float) -> Tensor:
    """(x - mean) / sqrt(variance + epsilon)."""
    deviation = ops.sqrt(graph, ops.add(graph, variance, epsilon))
    return ops.true_divide(graph, ops.subtract(graph, x, mean), deviation)
