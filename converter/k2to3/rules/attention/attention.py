"""Attention: `causal` moved from the constructor to the call; shapes left the config."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from k2to3.errors import UnsupportedOption
from k2to3.keras3.graph import Structure, tensors
from k2to3.keras3.masks import over_queries
from k2to3.keras3.tensor import MaskStructure
from k2to3.matching.slots import Slots
from k2to3.rules.language import Context, Described, Masks, Native, rule
from k2to3.sources.json_text import Json

CALL_FLAGS = ("use_causal_mask", "return_attention_scores")


def attention_slots(layer: Described) -> Slots:
    concat = layer.config.peek("score_mode", "dot") == "concat"
    scale = ("scale",) if layer.config.peek("use_scale", False) else ()
    names = (*scale, "concat_score_weight") if concat else scale
    return Slots(names, trainable=layer.record.trainable)


def query_mask(context: Context, masks: Masks) -> Masks:
    """The query's mask."""
    return masks[:1]


@rule("Attention", slots=attention_slots, masks=query_mask)
def attention(context: Context) -> Native:
    """`causal=True` of TF < 2.10 is `use_causal_mask=True` at the call."""
    config = context.config
    settings: Json = {"use_scale": config.flag("use_scale", False), "dropout": config.number("dropout", 0.0)}
    mode = config.take("score_mode", "dot")
    if mode != "dot":
        settings["score_mode"] = mode
    variables = [context.weight(name) for name in attention_slots(context.described).trained]
    causal = config.flag("causal", False)
    layer = context.layer("Attention", settings, variables)
    return Native(layer, masks=_attention_masks(context, causal), arrange=_attention_call(causal))


def additive_slots(layer: Described) -> Slots:
    return Slots(("scale",) if layer.config.peek("use_scale", True) else (), trainable=layer.record.trainable)


@rule("AdditiveAttention", slots=additive_slots, masks=query_mask)
def additive_attention(context: Context) -> Native:
    """As Attention."""
    config = context.config
    use_scale = config.flag("use_scale", True)
    settings: Json = {"use_scale": use_scale, "dropout": config.number("dropout", 0.0)}
    variables = [context.weight("scale", context.shapes[0][-1])] if use_scale else []
    causal = config.flag("causal", False)
    layer = context.layer("AdditiveAttention", settings, variables)
    return Native(layer, masks=_attention_masks(context, causal), arrange=_attention_call(causal))


def _attention_masks(context: Context, causal: bool) -> Callable[[Structure], Mapping[str, MaskStructure]]:
    """Query and value masks; before 3.12 Keras 3 lays a value mask over the wrong axis.

    It adds the axis itself where the attention is causal.
    """

    def masks(args: Structure) -> dict[str, MaskStructure]:
        found = [tensor.mask for tensor in tensors(args)]
        if len(found) > 1 and found[1] is not None and not (causal or context.kwargs.get("use_causal_mask")):
            found[1] = over_queries(found[1])
        return {"mask": found}

    return masks


def _attention_call(causal: bool) -> Any:
    def arrange(args: Structure, kwargs: Mapping[str, Structure]) -> tuple[Structure, Mapping[str, Structure]]:
        found: dict[str, Structure] = {"use_causal_mask": True} if causal else {}
        return args, found | call_flags(kwargs, CALL_FLAGS)

    return arrange


def call_flags(kwargs: Mapping[str, Structure], known: tuple[str, ...]) -> dict[str, Structure]:
    """Plain call arguments; `mask` is handled with the masks."""
    found: dict[str, Structure] = {}
    for key, value in kwargs.items():
        if value is None or (value is False and key != "training") or key == "mask":
            continue
        if key == "training" and not value:
            found[key] = False
        elif key in known:
            found[key] = value
        else:
            raise UnsupportedOption(f"call argument with value {str(value)[:60]}", key=key)
    return found
