"""MultiHeadAttention, and the same from its parts where masks are involved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k2to3.dataclass import dataclass
from k2to3.errors import UnsupportedOption
from k2to3.keras3.graph import Structure
from k2to3.matching.slots import Slots
from k2to3.rules.attention.attention import CALL_FLAGS, call_flags
from k2to3.rules.attention.multi_head_parts import MaskedAttention, call_inputs
from k2to3.rules.common import activity, trained
from k2to3.rules.language import Composite, Context, Described, Native, rule
from k2to3.sources.json_text import Json
from k2to3.weights import Expression

PROJECTIONS = ("query", "key", "value", "attention_output")


def multi_head_slots(layer: Described) -> Slots:
    names = ("kernel", "bias") if layer.config.peek("use_bias", True) else ("kernel",)
    children = {name: Slots(names, trainable=layer.record.trainable) for name in PROJECTIONS}
    return Slots(children=children, trainable=layer.record.trainable)


@dataclass(frozen=True)
class Heads:
    """What the config says, and the variables of the four projections."""

    settings: Json
    initial: Json
    variables: dict[str, list[Expression]]
    robust: bool


@rule("MultiHeadAttention", slots=multi_head_slots)
def multi_head_attention(context: Context) -> Native | Composite:
    """Rows without any unmasked step differ in Keras 3: with masks it is rebuilt from EinsumDense layers.

    `*_shape` and `softmax_robust_masking` left the config; TF before 2.10 used no
    automatic masks.
    """
    heads = _read(context)
    context.config.ignore("query_shape", "key_shape", "value_shape")
    query, key, value = call_inputs(context)
    automatic = context.writer.tensorflow and not context.writer.before(2, 10)
    if context.kwargs.get("attention_mask") is not None or (automatic and any(t.mask for t in (query, key, value))):
        context.note("drift", "Keras 3 treats fully masked rows in another way; rebuilt as Keras 2 computed it")
        return MaskedAttention(context, heads.settings, heads.initial, heads.variables, heads.robust, automatic).build()
    children = {}
    for name in PROJECTIONS:
        attribute = "output_dense" if name == "attention_output" else f"{name}_dense"
        children[attribute] = context.layer("EinsumDense", {}, heads.variables[name], name=name)
    layer = context.layer("MultiHeadAttention", heads.settings | heads.initial)
    layer.children = dict(children)
    return Native(layer, arrange=_call, masks=_no_masks(context, automatic))


def _read(context: Context) -> Heads:
    config = context.config
    heads, key_dim = config.integer("num_heads"), config.integer("key_dim")
    value_dim = config.take("value_dim", None) or key_dim
    use_bias = config.flag("use_bias", True)
    output, axes = config.take("output_shape", None), config.take("attention_axes", None)
    settings: Json = {"num_heads": heads, "key_dim": key_dim, "value_dim": value_dim, "use_bias": use_bias}
    settings["dropout"] = config.number("dropout", 0.0)
    if output is not None:
        settings["output_shape"] = output
    if axes is not None:
        settings["attention_axes"] = list(axes) if isinstance(axes, (list, tuple)) else [axes]
    query, key, value = call_inputs(context)
    tail = [query.shape[-1]] if output is None else (output if isinstance(output, list) else [output])
    wanted = {
        "query": ([query.shape[-1], heads, key_dim], [heads, key_dim]),
        "key": ([key.shape[-1], heads, key_dim], [heads, key_dim]),
        "value": ([value.shape[-1], heads, value_dim], [heads, value_dim]),
        "attention_output": ([heads, value_dim, *tail], list(tail)),
    }
    variables = {name: _projection(context, name, *shapes, use_bias) for name, shapes in wanted.items()}
    robust = config.flag("softmax_robust_masking", False)
    return Heads(settings, trained(context, "kernel", "bias") | activity(context), variables, robust)


def _projection(
    context: Context, name: str, kernel: list[int | None], bias: list[int | None], use_bias: bool
) -> list[Expression]:
    weights = context.weights
    context.weights = weights.child(name)
    found = [context.weight("kernel", *kernel)] + ([context.weight("bias", *bias)] if use_bias else [])
    context.weights = weights
    return found


def _call(args: Structure, kwargs: Mapping[str, Structure]) -> tuple[Structure, Mapping[str, Structure]]:
    found = {key: kwargs[key] for key in ("value", "key") if kwargs.get(key) is not None}
    rest = {key: value for key, value in kwargs.items() if key not in found}
    return args, found | call_flags(rest, CALL_FLAGS)


def _no_masks(context: Context, automatic: bool) -> Any:
    def masks(args: Structure) -> Mapping[str, Any]:
        given = call_inputs(context)
        if (automatic and any(t.mask for t in given)) or context.kwargs.get("attention_mask") is not None:
            raise UnsupportedOption("masked in a later call only", layer=context.record.name)
        return {"query_mask": None, "value_mask": None, "key_mask": None}

    return masks
