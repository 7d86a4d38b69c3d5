"""Merge layers: same values, other masks.

Keras 2 takes the AND of the masks that are there; Keras 3 the OR, and none if any input
has none. Concatenate: all along the joined axis in Keras 2, any in Keras 3. Graphs with
masks therefore get theirs written out (see `keras3.finish`).
"""

from __future__ import annotations

from collections.abc import Mapping

from k2to3.errors import UnsupportedOption
from k2to3.keras3 import ops
from k2to3.keras3.graph import Structure, Tensor, tensors
from k2to3.keras3.masks import Mask, MaskBuilder, all_of
from k2to3.rules.language import Composite, Context, Masks, Native, rule
from k2to3.rules.merging.broadcast_sum import by_fullness, crossed_sum, crosses

SIMPLE = ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum")


def and_masks(context: Context, masks: Masks) -> Masks:
    """`_Merge.compute_mask`: the AND of the masks that are there."""
    return [all_of([mask for mask in masks if mask is not None])]


@rule(*SIMPLE, *(name.lower() for name in SIMPLE), masks=and_masks)
def merge(context: Context) -> Native | Composite:
    """Same values; the output mask is combined as Keras 2 did. Sums keep clear of a fault with broadcasting."""
    name = context.record.class_name.capitalize()
    if context.masked:
        context.note("drift", "Keras 3 combines masks in another way; Keras 2's are written out")
    if name in ("Add", "Average") and len(set(context.shapes)) > 1:
        floats = all(tensor.dtype.startswith("float") for tensor in tensors(context.inputs))
        if crosses(context.shapes) and floats:
            return crossed_sum(context, name == "Average")
        return Native(context.layer(name), arrange=_fuller_last)
    return Native(context.layer(name))


def _fuller_last(args: Structure, kwargs: Mapping[str, Structure]) -> tuple[Structure, Mapping[str, Structure]]:
    return by_fullness(args), {}


def concatenate_masks(context: Context, masks: Masks) -> Masks:
    """`Concatenate.compute_mask` of Keras 2."""
    given = list(tensors(context.inputs))
    if all(mask is None for mask in masks):
        return [None]
    axis = int(context.config.peek("axis", -1)) % len(given[0].shape)
    if axis == 1 and len(given[0].shape) == 3 and all(mask is not None for mask in masks):
        return [_joined([mask for mask in masks if mask is not None], given)]
    if axis != len(given[0].shape) - 1 or any(
        m is None and len(t.shape) < 2 for m, t in zip(masks, given, strict=True)
    ):
        raise UnsupportedOption(
            "joins masked and unmasked inputs along this axis", layer=context.record.name, key="axis"
        )
    return and_masks(context, masks)


def _joined(masks: list[Mask], given: list[Tensor]) -> Mask:
    """Masks joined along time, as their tensors are."""

    def build(graph: MaskBuilder) -> Tensor:
        parts = [graph.mask_tensor(mask) for mask in masks]
        return ops.concatenate(graph, parts, axis=1)

    return Mask(("joined", *(mask.key for mask in masks)), build)


@rule("Concatenate", "concatenate", masks=concatenate_masks)
def concatenate(context: Context) -> Native:
    """Same values; the output mask is combined as Keras 2 did."""
    axis = context.config.integer("axis", -1)
    if context.masked:
        context.note("drift", "Keras 3 combines masks in another way; Keras 2's are written out")
    return Native(context.layer("Concatenate", {"axis": axis}))


@rule("Dot", "dot", masks="drop")
def dot(context: Context) -> Native:
    """Unchanged."""
    axes = context.config.take("axes")
    settings = {"axes": axes, "normalize": context.config.flag("normalize", False)}
    return Native(context.layer("Dot", settings))
