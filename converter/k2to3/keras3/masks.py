"""Masks as symbolic values.

Keras 2 and Keras 3 derive masks differently (merge layers, Identity, Rescaling, ...),
and the chain of automatic op nodes that Keras 3 adds differs between its releases and
changes the order of `model.layers`. So every tensor carries two masks: the one Keras 2
had, and the one Keras 3 would attach by itself.
"""

from __future__ import annotations

from k2to3.keras3 import ops
from k2to3.keras3.tensor import Mask, MaskBuilder, Tensor

__all__ = ["Mask", "MaskBuilder", "all_of", "given", "masking", "nonzero", "not_equal", "over_queries"]


def given(tensor: Tensor) -> Mask:
    """A mask that is itself a tensor of the model."""
    return Mask(("tensor", id(tensor)), lambda graph: tensor)


def nonzero(ids: Tensor) -> Mask:
    """`Embedding(mask_zero=True)`: token 0 is padding."""
    return not_equal(ids, 0)


def not_equal(tensor: Tensor, value: float) -> Mask:
    return Mask(
        ("not_equal", id(tensor), value),
        lambda graph: ops.not_equal(graph, tensor, value),
    )


def masking(tensor: Tensor, value: float) -> Mask:
    """`Masking`: a step whose features all equal `value` is padding."""

    def build(graph: MaskBuilder) -> Tensor:
        differs = ops.not_equal(graph, tensor, value)
        return ops.any(graph, differs, axis=[-1])

    return Mask(("masking", id(tensor), value), build)


def over_queries(mask: Mask) -> Mask:
    """A value mask (batch, steps) as (batch, 1, steps), to lie over (batch, queries, steps)."""

    def build(graph: MaskBuilder) -> Tensor:
        given = graph.mask_tensor(mask)
        return ops.expand_dims(graph, given, axis=-2)

    return Mask(("over queries", mask.key), build)


def all_of(masks: list[Mask]) -> Mask | None:
    """Logical and, as Keras 2's merge layers combine masks; None without any."""
    unique = list(dict.fromkeys(masks))
    if not unique:
        return None
    if len(unique) == 1:
        return unique[0]

    def build(graph: MaskBuilder) -> Tensor:
        found = graph.mask_tensor(unique[0])
        for mask in unique[1:]:
            found = ops.logical_and(graph, found, graph.mask_tensor(mask))
        return found

    return Mask(("and", *(mask.key for mask in unique)), build)
