"""Masks as symbolic values.

Keras 2 and Keras 3 derive masks differently (merge layers, Identity, Rescaling, ...),
and the chain of automatic op nodes that Keras 3 adds differs between its releases and
changes the order of `model.layers`. So every tensor carries two masks: the one Keras 2
had, and the one Keras 3 would attach by itself.
"""

from __future__ import annotations

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
        lambda graph: graph.op("numpy.NotEqual", tensor, value, dtype="bool"),
    )


def masking(tensor: Tensor, value: float) -> Mask:
    """`Masking`: a step whose features all equal `value` is padding."""

    def build(graph: MaskBuilder) -> Tensor:
        differs = graph.op("numpy.NotEqual", tensor, value, dtype="bool")
        return graph.op(
            "numpy.Any",
            differs,
            config={"axis": [-1], "keepdims": False},
            shape=tensor.shape[:-1],
            dtype="bool",
        )

    return Mask(("masking", id(tensor), value), build)


def over_queries(mask: Mask) -> Mask:
    """A value mask (batch, steps) as (batch, 1, steps), to lie over (batch, queries, steps)."""

    def build(graph: MaskBuilder) -> Tensor:
        given = graph.mask_tensor(mask)
        shape = (given.shape[0], 1, *given.shape[1:])
        return graph.op("numpy.ExpandDims", given, config={"axis": -2}, shape=shape, dtype="bool")

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
            found = graph.op("numpy.LogicalAnd", found, graph.mask_tensor(mask), dtype="bool")
        return found

    return Mask(("and", *(mask.key for mask in unique)), build)
