"""A gain and an offset for each channel, as layers that train as those of a normalization do."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from k2to3.rules.base import Context
from k2to3.rules.common import trained
from k2to3.source.json_text import Json
from k2to3.target.graph import Graph, Tensor
from k2to3.weights import Constant, Reshape

AXES = "abcdefgh"
DEFAULTS = {"gamma": "ones", "beta": "zeros"}
Step = Callable[[Graph, Tensor], Tensor]


def affine(context: Context, axis: int) -> Step:
    """gamma · x + beta along `axis`, as the `scale` and `center` of the layer say."""
    scale, center = context.config.flag("scale", True), context.config.flag("center", True)
    found = trained(context, "gamma", "beta", defaults=DEFAULTS)
    if scale:
        return _gain(context, axis, center, found)
    return _offset(context, axis, found) if center else lambda _, tensor: tensor


def _gain(context: Context, axis: int, center: bool, found: Json) -> Step:
    shape = context.shape
    letters = AXES[: len(shape)]
    settings: Json = {
        "equation": f"{letters},{letters[axis]}->{letters}",
        "output_shape": list(shape[1:]),
        "bias_axes": letters[axis] if center else None,
        "kernel_initializer": "ones",
    }
    names = {"gamma": "kernel", "beta": "bias"}
    settings |= {f"{names[key.split('_')[0]]}_{key.split('_', 1)[1]}": value for key, value in found.items()}
    width = shape[axis]
    variables = [context.weight("gamma", width)]
    if center:
        beta = context.weight("beta", width)
        variables.append(Reshape(beta, (*beta.shape, *(1,) * (len(shape) - 1 - axis))))
    layer = context.layer("EinsumDense", settings, variables)
    return lambda graph, tensor: graph.call(layer, tensor)


def _offset(context: Context, axis: int, found: Mapping[str, object]) -> Step:
    """Zeros are zeros after normalization, in training too, so what it adds to them is beta."""
    beta = context.weight("beta", context.shape[axis])
    zeros, ones = np.zeros(beta.shape, beta.dtype), np.ones(beta.shape, beta.dtype)
    settings = {"axis": axis, "scale": False, **found}
    layer = context.layer("BatchNormalization", settings, [beta, Constant(zeros), Constant(ones)])

    def step(graph: Graph, tensor: Tensor) -> Tensor:
        return graph.op("numpy.Add", tensor, graph.call(layer, graph.op("numpy.ZerosLike", tensor)))

    return step


def normalised(graph: Graph, x: Tensor, mean: Tensor, variance: Tensor, epsilon: float) -> Tensor:
    """(x - mean) / sqrt(variance + epsilon)."""
    deviation = graph.op("numpy.Sqrt", graph.op("numpy.Add", variance, epsilon))
    return graph.op("numpy.TrueDivide", graph.op("numpy.Subtract", x, mean), deviation)


def reduced(graph: Graph, class_name: str, x: Tensor, axes: list[int]) -> Tensor:
    """`Mean`, `Sum` or `Var` over `axes`, which stay with extent 1."""
    shape = tuple(1 if axis in axes else extent for axis, extent in enumerate(x.shape))
    return graph.op(f"numpy.{class_name}", x, config={"axis": axes, "keepdims": True}, shape=shape)
