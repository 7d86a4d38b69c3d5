"""Small pieces that rebuilt layers share: reductions, and parameters added or multiplied."""

from __future__ import annotations

from string import ascii_lowercase
from typing import Protocol

from k2to3.errors import UnsupportedOption
from k2to3.keras3 import ops
from k2to3.keras3.graph import Graph, Tensor
from k2to3.keras3.layer import Layer
from k2to3.keras3.ops.reductions import Axis
from k2to3.keras3.tensor import Builder
from k2to3.rules.language import Context
from k2to3.weights import Expression


class Reduction(Protocol):
    """`ops.sum` and its kin."""

    def __call__(
        self, graph: Builder, x: Tensor, axis: Axis, keepdims: bool = False, name: str | None = None
    ) -> Tensor: ...


def reduce(graph: Graph, reduction: Reduction, tensor: Tensor, axes: list[int], name: str | None = None) -> Tensor:
    """Reduce over axes and keep them with extent 1."""
    return reduction(graph, tensor, axes if len(axes) > 1 else axes[0], keepdims=True, name=name)


def scaled(context: Context, weight: Expression, axes: list[int], suffix: str = "scale", **config: object) -> Layer:
    """A layer that multiplies by a trainable weight which spans `axes` of its input.

    EinsumDense is the one built-in layer whose kernel need not be contracted.
    """
    rank = len(context.shape)
    letters = ascii_lowercase[:rank]
    kernel = "".join(letters[axis] for axis in axes)
    settings = {
        "equation": f"{letters},{kernel}->{letters}",
        "output_shape": list(context.shape[1:]),
        "bias_axes": None,
        **config,
    }
    return context.layer("EinsumDense", settings, [weight], name=f"{context.name}_{suffix}")


def added(graph: Graph, layer: Layer, tensor: Tensor, name: str) -> Tensor:
    """Add the weight of a `scaled` layer: it scales ones, so that the weight trains as it did."""
    ones = ops.ones_like(graph, tensor, name=f"{name}_ones")
    return ops.add(graph, tensor, graph.call(layer, ones), name=f"{name}_sum")


def one_tensor(context: Context) -> None:
    """Refuse a layer that is called on several tensors or with masks it would use.

    Raises:
        UnsupportedOption: it is.
    """
    if len(context.shapes) != 1:
        raise UnsupportedOption(f"is called on {len(context.shapes)} tensors", layer=context.record.name)
