"""Depthwise and separable convolutions.

Keras 3 refuses the unused `kernel_*` keys that Keras 2 wrote
(https://github.com/keras-team/keras/issues/19441).
"""

from __future__ import annotations

from k2to3.errors import UnsupportedOption
from k2to3.matching.slots import Slots
from k2to3.rules.conv.conv import (
    behind_padding,
    channels,
    finish_conv,
    rank_of,
    read_bias,
    read_format,
    same_on_theano,
    spatial,
)
from k2to3.rules.conv.data_format import everywhere
from k2to3.rules.conv.leading_axes import leading_axes
from k2to3.rules.language import Composite, Context, Described, Native, rule
from k2to3.sources.json_text import Json


def depthwise_slots(layer: Described) -> Slots:
    names = ("depthwise_kernel", "bias") if layer.config.peek("use_bias", True) else ("depthwise_kernel",)
    return Slots(names, trainable=layer.record.trainable)


@rule("DepthwiseConv1D", "DepthwiseConv2D", slots=depthwise_slots, masks="drop")
@leading_axes(rank_of)
@everywhere
def depthwise_conv(context: Context) -> Native | Composite:
    """`groups` and the `kernel_*` keys, which did nothing, are refused by Keras 3."""
    config, rank = context.config, rank_of(context.record.class_name)
    data_format, settings, depth = _depthwise(context, rank)
    width = channels(context, data_format)
    kernel = context.weight("depthwise_kernel", *settings["kernel_size"], width, depth)
    bias = read_bias(context, kernel.shape[-2] * depth)
    config.ignore("filters")
    margins = same_on_theano(context, settings)
    settings["padding"] = settings["padding"] if margins is None else "valid"
    outcome = finish_conv(context, f"DepthwiseConv{rank}D", settings, [kernel], bias, ("depthwise", "bias"))
    return outcome if margins is None else behind_padding(context, outcome, margins, rank)


def _depthwise(context: Context, rank: int) -> tuple[str, Json, int]:
    config = context.config
    # Keras 2 wrote `groups` as 1 or as the number of input channels; both mean depthwise.
    config.drop("groups", 1, context.shape[-1], context.shape[1])
    config.ignore("kernel_initializer", "kernel_regularizer", "kernel_constraint", "input_length")
    data_format, depth = read_format(context), config.integer("depth_multiplier", 1)
    settings = {
        "padding": config.take("padding", "valid"),
        "data_format": data_format,
        "depth_multiplier": depth,
    }
    settings |= spatial(context, "kernel_size", "strides", "dilation_rate", rank=rank)
    return data_format, settings, depth


def separable_slots(layer: Described) -> Slots:
    names = ("depthwise_kernel", "pointwise_kernel")
    return Slots((*names, "bias") if layer.config.peek("use_bias", True) else names, trainable=layer.record.trainable)


@rule(
    "SeparableConv1D",
    "SeparableConv2D",
    "SeparableConvolution1D",
    "SeparableConvolution2D",
    slots=separable_slots,
    masks="drop",
)
@leading_axes(rank_of)
@everywhere
def separable_conv(context: Context) -> Native | Composite:
    """As depthwise; causal padding of the 1D layer is rebuilt with ZeroPadding1D."""
    rank, filters = rank_of(context.record.class_name), context.config.integer("filters")
    data_format, settings, depth = _depthwise(context, rank)
    width = channels(context, data_format)
    kernel = context.weight("depthwise_kernel", *settings["kernel_size"], width, depth)
    pointwise = context.weight("pointwise_kernel", *(1,) * rank, kernel.shape[-2] * depth, filters)
    causal = settings["padding"] == "causal"
    margins = same_on_theano(context, settings)
    settings |= {"filters": filters, "padding": "valid" if causal or margins else settings["padding"]}
    outcome = finish_conv(
        context,
        f"SeparableConv{rank}D",
        settings,
        [kernel, pointwise],
        read_bias(context, filters),
        ("depthwise", "pointwise", "bias"),
    )
    if margins is not None:
        return behind_padding(context, outcome, margins, rank)
    return _causal(context, outcome, settings) if causal else outcome


def _causal(context: Context, outcome: Native | Composite, settings: Json) -> Composite:
    if settings["data_format"] == "channels_first":
        raise UnsupportedOption("causal with channels_first", layer=context.record.name, key="padding")
    left = settings["dilation_rate"][0] * (settings["kernel_size"][0] - 1)
    context.note("rebuilt", "causal padding: ZeroPadding1D in front")
    return behind_padding(context, outcome, [[left, 0]], 1)
