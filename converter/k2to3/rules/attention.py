"""Attention: `causal` moved from the constructor to the call; shapes left the config."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k2to3.errors import BadConfig, UnsupportedOption
from k2to3.graph.config import Config
from k2to3.graph.model import LayerRecord
from k2to3.rules.base import Context, Masks, Native, rule
from k2to3.rules.common import activity, trained
from k2to3.rules.slots import Slots
from k2to3.source.json_text import Json
from k2to3.source.writer import Writer
from k2to3.target.graph import Structure, Tensor, tensors
from k2to3.target.layer import Children

CALL_FLAGS = ("use_causal_mask", "return_attention_scores")


def attention_slots(config: Config, record: LayerRecord, writer: Writer) -> Slots:
    concat = config.peek("score_mode", "dot") == "concat"
    scale = ("scale",) if config.peek("use_scale", False) else ()
    names = (*scale, "concat_score_weight") if concat else scale
    return Slots(names, trainable=record.trainable)


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
    variables = [context.weight(name) for name in attention_slots(config, context.record, context.writer).trained]
    causal = config.flag("causal", False)
    layer = context.layer("Attention", settings, variables)
    return Native(layer, arrange=_attention_call(causal))


def additive_slots(config: Config, record: LayerRecord, writer: Writer) -> Slots:
    return Slots(("scale",) if config.peek("use_scale", True) else (), trainable=record.trainable)


@rule("AdditiveAttention", slots=additive_slots, masks=query_mask)
def additive_attention(context: Context) -> Native:
    """As Attention."""
    config = context.config
    use_scale = config.flag("use_scale", True)
    settings: Json = {"use_scale": use_scale, "dropout": config.number("dropout", 0.0)}
    variables = [context.weight("scale", context.shapes[0][-1])] if use_scale else []
    causal = config.flag("causal", False)
    layer = context.layer("AdditiveAttention", settings, variables)
    return Native(layer, arrange=_attention_call(causal))


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


PROJECTIONS = ("query", "key", "value", "attention_output")


def multi_head_slots(config: Config, record: LayerRecord, writer: Writer) -> Slots:
    names = ("kernel", "bias") if config.peek("use_bias", True) else ("kernel",)
    children = {name: Slots(names, trainable=record.trainable) for name in PROJECTIONS}
    return Slots(children=children, trainable=record.trainable)


@rule("MultiHeadAttention", slots=multi_head_slots)
def multi_head_attention(context: Context) -> Native:
    """`*_shape` and `softmax_robust_masking` left the config; masks as the writer used them."""
    config = context.config
    config.ignore("query_shape", "key_shape", "value_shape", "softmax_robust_masking")
    heads, key_dim = config.integer("num_heads"), config.integer("key_dim")
    value_dim = config.take("value_dim", None) or key_dim
    use_bias = config.flag("use_bias", True)
    output = config.take("output_shape", None)
    axes = config.take("attention_axes", None)
    settings: Json = {
        "num_heads": heads,
        "key_dim": key_dim,
        "value_dim": value_dim,
        "use_bias": use_bias,
        "dropout": config.number("dropout", 0.0),
    }
    if output is not None:
        settings["output_shape"] = output
    if axes is not None:
        settings["attention_axes"] = axes
    settings |= trained(context, "kernel", "bias") | activity(context)
    query, key, value = _inputs(context)
    tail = [query.shape[-1]] if output is None else (output if isinstance(output, list) else [output])
    wanted = {
        "query": ([query.shape[-1], heads, key_dim], [heads, key_dim]),
        "key": ([key.shape[-1], heads, key_dim], [heads, key_dim]),
        "value": ([value.shape[-1], heads, value_dim], [heads, value_dim]),
        "attention_output": ([heads, value_dim, *tail], list(tail)),
    }
    children: Children = {}
    for name, (kernel, bias) in wanted.items():
        weights = context.weights
        context.weights = weights.child(name)
        variables = [context.weight("kernel", *kernel)]
        if use_bias:
            variables.append(context.weight("bias", *bias))
        context.weights = weights
        attribute = "output_dense" if name == "attention_output" else f"{name}_dense"
        children[attribute] = context.layer("EinsumDense", {}, variables, name=name)
    layer = context.layer("MultiHeadAttention", settings)
    layer.children = children
    # TF 2.10 began to take masks from the inputs by itself.
    return Native(layer, arrange=_multi_head_call, masks=_masks_of(context))


def _inputs(context: Context) -> tuple[Tensor, Tensor, Tensor]:
    query = next(tensors(context.args if context.args is not None else context.inputs))
    value = context.kwargs.get("value")
    if not isinstance(value, Tensor):
        raise BadConfig("is called without a value tensor", layer=context.record.name)
    key = context.kwargs.get("key")
    return query, key if isinstance(key, Tensor) else value, value


def _multi_head_call(args: Structure, kwargs: Mapping[str, Structure]) -> tuple[Structure, Mapping[str, Structure]]:
    found = {key: kwargs[key] for key in ("value", "key", "attention_mask") if kwargs.get(key) is not None}
    rest = {key: value for key, value in kwargs.items() if key not in ("value", "key", "attention_mask")}
    return args, found | call_flags(rest, CALL_FLAGS)


def _masks_of(context: Context) -> Any:
    automatic = context.writer.tensorflow and not context.writer.before(2, 10)

    def masks(args: Structure) -> Mapping[str, Any]:
        query, key, value = _inputs(context)
        if not automatic:
            return {"query_mask": None, "value_mask": None, "key_mask": None}
        found = {"query_mask": query.mask, "value_mask": value.mask}
        if isinstance(context.kwargs.get("key"), Tensor):
            found["key_mask"] = key.mask
        return found

    return masks
