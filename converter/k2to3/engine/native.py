"""The call of a layer that one Keras 3 layer replaces, and the masks on both sides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k2to3.errors import UnsupportedOption
from k2to3.keras2.model import LayerRecord
from k2to3.keras3.graph import Graph, Structure, Tensor, tensors
from k2to3.keras3.layers.table import takes_explicit_mask
from k2to3.keras3.masks import Mask
from k2to3.keras3.masks import given as given_mask
from k2to3.rules.language import Context, Native, Rule
from k2to3.rules.training_flag import layer_call_settings

Outputs = list[Any]
"""What a call produced: tensors, and where TensorFlow computed with shapes also constants."""


def flat(structure: Structure) -> Outputs:
    return list(tensors(structure))


def keras2_masks(rule: Rule, context: Context, args: Structure, kwargs: Mapping[str, Structure]) -> list[Mask | None]:
    masks = rule.masks
    given = [tensor.mask for tensor in tensors(args)]
    explicit = kwargs.get("mask")
    if isinstance(explicit, Tensor):
        given = [given_mask(explicit)]
    if masks == "drop" or not given:
        return []
    if masks == "pass":
        return given[:1]
    assert callable(masks)
    return masks(context, given)


def with_masks(graph: Graph, outputs: Outputs, masks: list[Mask | None], given: list[Tensor]) -> Outputs:
    found = []
    for index, output in enumerate(outputs):
        mask = masks[index] if index < len(masks) else None
        if not isinstance(output, Tensor):
            found.append(output)
            continue
        if output in given and mask != output.mask:
            # The layer became nothing, but its mask is another than its input's.
            output = graph.unmasked(output)
        output.mask = mask
        found.append(output)
    return found


def call_native(
    graph: Graph, record: LayerRecord, outcome: Native, args: Structure, kwargs: Mapping[str, Structure]
) -> Structure:
    """Emit the call of a layer that one Keras 3 layer replaces."""
    settings: Mapping[str, Structure] = {}
    if outcome.arrange is not None:
        args, settings = outcome.arrange(args, kwargs)
    else:
        settings = layer_call_settings(outcome.layer, kwargs)
    masks = None if outcome.masks is None else outcome.masks(args)
    explicit = kwargs.get("mask")
    if outcome.unmasked:
        masks = {"mask": None}
    elif explicit is not None and isinstance(explicit, (Tensor, list)):
        if not takes_explicit_mask(outcome.layer):
            raise UnsupportedOption(
                f"Keras 3's {outcome.layer.class_name} takes no mask", layer=record.name, key="mask"
            )
        masks = {"mask": explicit}
    return graph.call(outcome.layer, args, {**outcome.kwargs, **settings}, masks=masks)
