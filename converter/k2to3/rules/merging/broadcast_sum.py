"""Sums of inputs of different shapes.

Keras 3's TensorFlow backend (3.8 to 3.15, `add` in keras/src/backend/tensorflow/numpy.py) takes
a second operand that squeezes to a vector for a bias: (B, C) + (B, 1) is wrong whenever the batch
happens to be C. Operands are therefore put in an order in which that cannot happen.
"""

from __future__ import annotations

from collections.abc import Mapping

from k2to3.keras3 import ops
from k2to3.keras3.graph import Graph, Structure, Tensor
from k2to3.keras3.types import Shape
from k2to3.rules.language import Composite, Context


def extents(shape: Shape, rank: int) -> tuple[bool, ...]:
    """Which axes behind the batch are not 1, aligned as merge layers align ranks: behind the batch."""
    inner = (1,) * (rank - len(shape)) + tuple(shape[1:])
    return tuple(n != 1 for n in inner)


def by_fullness(inputs: Structure) -> Structure:
    """The same inputs, those that broadcast first."""
    if not isinstance(inputs, list) or not all(isinstance(x, Tensor) for x in inputs):
        return inputs
    rank = max(len(x.shape) for x in inputs)
    return sorted(inputs, key=lambda x: sum(extents(x.shape, rank)))


def crosses(shapes: list[Shape]) -> bool:
    """Whether two inputs broadcast against each other, as in (B, T, 1) + (B, 1, C)."""
    rank = max((len(shape) for shape in shapes), default=0)
    masks = [extents(shape, rank) for shape in shapes]
    return any(any(x > y for x, y in zip(a, b, strict=True)) and any(x < y for x, y in zip(a, b, strict=True))
               for a in masks for b in masks)  # fmt: skip


def crossed_sum(context: Context, average: bool) -> Composite:
    """A sum as differences, which the backend computes as they stand."""
    context.note("rebuilt", "its inputs broadcast against each other: subtracted negatives, safe on every backend")
    count = len(context.shapes)
    negate = [
        context.layer("Rescaling", {"scale": -1.0, "offset": 0.0}, name=f"{context.name}_negative_{i}")
        for i in range(1, count)
    ]
    steps = [context.layer("Subtract", name=f"{context.name}_sum_{i}") for i in range(1, count)]

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        total = inputs[0]
        for value, minus, step in zip(inputs[1:], negate, steps, strict=True):
            total = graph.call(step, [total, graph.call(minus, value)])
        return ops.true_divide(graph, total, float(count)) if average else total

    return Composite(body)
