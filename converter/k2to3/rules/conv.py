"""Convolutions.

Changed since Keras 2: `groups` and the unused `kernel_*` keys of separable and depthwise
layers are refused by Keras 3 (https://github.com/keras-team/keras/issues/19441); Keras 3
ignores that Theano convolves where TensorFlow correlates.
"""

from __future__ import annotations

from typing import Any

from k2to3.errors import UnsupportedOption
from k2to3.graph.config import Config
from k2to3.graph.model import LayerRecord
from k2to3.rules.activation import activated, read_activation
from k2to3.rules.base import Composite, Context, Native, rule
from k2to3.rules.common import activity, trained
from k2to3.rules.core import fold, kernel_and_bias
from k2to3.rules.data_format import everywhere
from k2to3.rules.keras1 import conv_kernel
from k2to3.rules.leading_axes import leading_axes
from k2to3.rules.slots import Slots
from k2to3.source.json_text import Json
from k2to3.source.writer import Writer
from k2to3.target.graph import Graph, Structure
from k2to3.target.shapes_spatial import pair
from k2to3.weights import Expression, Flip, Transpose

RANK = {"1D": 1, "2D": 2, "3D": 3}


def rank_of(class_name: str) -> int:
    return next(rank for text, rank in RANK.items() if text in class_name)


def spatial(context: Context, *keys: str, rank: int) -> Json:
    """Keys that are one int or one per spatial axis, as lists."""
    return {key: [int(n) for n in pair(context.config.take(key, 1), rank)] for key in keys}


def channels(context: Context, data_format: str) -> int | None:
    return context.shape[1 if data_format == "channels_first" else -1]


def read_format(context: Context) -> str:
    """`data_format`; absent in files that are older than the key: channels_last."""
    return str(context.config.take("data_format", None) or "channels_last")


def flipped(context: Context, kernel: Expression, rank: int) -> Expression:
    """Theano flips kernels while convolving, TensorFlow and CNTK do not."""
    if not context.writer.theano:
        return kernel
    context.note("drift", "written on Theano, whose kernels are flipped in space")
    return Flip(kernel, tuple(range(rank)))


def _finish(
    context: Context,
    class_name: str,
    settings: Json,
    kernels: list[Expression],
    bias: Expression | None,
    names: tuple[str, ...],
) -> Native | Composite:
    activation = read_activation(context)
    variables = [*kernels, *([bias] if bias is not None else [])]
    if activation.folds:
        context.note("drift", "hard_sigmoid has another slope in Keras 3; 1.2 is folded into the weights")
        last = variables.index(kernels[-1])
        variables = [*variables[:last], *(fold(variable) for variable in variables[last:])]
    settings |= {"use_bias": bias is not None, **trained(context, *names), **activity(context)}
    return activated(context, context.layer(class_name, settings, variables), activation)


def _bias(context: Context, width: int | None) -> Expression | None:
    return context.weight("bias", width) if context.config.flag("use_bias", True) else None


@rule(
    "Conv1D",
    "Conv2D",
    "Conv3D",
    "Convolution1D",
    "Convolution2D",
    "Convolution3D",
    slots=kernel_and_bias,
    masks="drop",
)
@leading_axes(rank_of)
@everywhere
def conv(context: Context) -> Native | Composite:
    """Unchanged; kernels of Theano files are flipped."""
    config, rank = context.config, rank_of(context.record.class_name)
    data_format = read_format(context)
    filters, groups = config.integer("filters"), config.integer("groups", 1)
    settings = {"filters": filters, "padding": config.take("padding", "valid"), "data_format": data_format}
    settings |= spatial(context, "kernel_size", "strides", "dilation_rate", rank=rank)
    config.drop("input_dim", None)
    config.ignore("input_length")
    _same_padding_on_theano(context, settings)
    width = channels(context, data_format)
    depth = None if width is None else width // groups
    kernel = conv_kernel(context, (*settings["kernel_size"], depth, filters), transposed=False)
    if groups != 1:
        settings["groups"] = groups
    kernel = flipped(context, kernel, rank)
    return _finish(context, f"Conv{rank}D", settings, [kernel], _bias(context, filters), ("kernel", "bias"))


def _same_padding_on_theano(context: Context, settings: Json) -> None:
    """Theano pads `same` symmetrically also where TensorFlow cannot."""
    if not context.writer.theano or settings["padding"] != "same":
        return
    if any(stride > 1 for stride in settings["strides"]) or any(k % 2 == 0 for k in settings["kernel_size"]):
        raise UnsupportedOption(
            "'same' with strides or even kernels, written on Theano, which pads on other sides",
            layer=context.record.name,
            key="padding",
        )


@rule(
    "Conv1DTranspose",
    "Conv2DTranspose",
    "Conv3DTranspose",
    "Deconvolution2D",
    "Deconvolution3D",
    "Convolution1DTranspose",
    "Convolution2DTranspose",
    "Convolution3DTranspose",
    slots=kernel_and_bias,
    masks="drop",
)
@everywhere
def conv_transpose(context: Context) -> Native | Composite:
    """`groups` is gone; `output_padding` exists in Keras 3 from 3.12 on, else it is rebuilt."""
    config, rank = context.config, rank_of(context.record.class_name)
    data_format = read_format(context)
    filters = config.integer("filters")
    config.drop("groups", 1)
    settings = {"filters": filters, "padding": config.take("padding", "valid"), "data_format": data_format}
    settings |= spatial(context, "kernel_size", "strides", "dilation_rate", rank=rank)
    width = channels(context, data_format)
    kernel = conv_kernel(context, (*settings["kernel_size"], filters, width), transposed=True)
    kernel = flipped(context, kernel, rank)
    bias = _bias(context, filters)
    extra = config.take("output_padding", None)
    if any(rate > 1 for rate in settings["dilation_rate"]):
        return _dilated_transpose(context, settings, kernel, bias, extra, rank)
    theano_same = context.writer.theano and settings["padding"] == "same"
    if extra is None and not (theano_same and any(s > 1 for s in settings["strides"])):
        return _finish(context, f"Conv{rank}DTranspose", settings, [kernel], bias, ("kernel", "bias"))
    return _padded_transpose(context, settings, kernel, bias, extra, rank)


def _dilated_transpose(
    context: Context, settings: Json, kernel: Expression, bias: Expression | None, extra: Any, rank: int
) -> Composite:
    """A dilated transposed convolution as padding and a convolution with the kernel turned round.

    Keras 2 dilated with stride 1 only (`atrous_conv2d_transpose`); TensorFlow's own kernel
    for Keras 3's Conv2DTranspose cannot dilate on a CPU.
    """
    if any(stride > 1 for stride in settings["strides"]) or extra is not None:
        raise UnsupportedOption("dilation with strides or output_padding", layer=context.record.name)
    spans = [d * (k - 1) for d, k in zip(settings["dilation_rate"], settings["kernel_size"], strict=True)]
    same = settings["padding"] == "same"
    pads = [[n - n // 2, n // 2] if same else [n, n] for n in spans]
    space = tuple(range(rank))
    turned = Flip(Transpose(kernel, (*space, rank + 1, rank)), space)
    context.note("rebuilt", "dilated transposed convolution: padding and a convolution with the turned kernel")
    outcome = _finish(context, f"Conv{rank}D", {**settings, "padding": "valid"}, [turned], bias, ("kernel", "bias"))
    padding: Any = pads[0] if rank == 1 else pads
    return _behind_padding(context, outcome, padding, rank)


def _behind_padding(context: Context, outcome: Native | Composite, padding: Any, rank: int) -> Composite:
    pad = context.layer(f"ZeroPadding{rank}D", {"padding": padding}, name=f"{context.name}_pad")

    def body(graph: Graph, inputs: Structure, kwargs: Any) -> Structure:
        padded = graph.call(pad, inputs)
        if isinstance(outcome, Native):
            return graph.call(outcome.layer, padded)
        return outcome.body(graph, padded, kwargs)

    return Composite(body)


def _padded_transpose(
    context: Context, settings: Json, kernel: Expression, bias: Expression | None, extra: Any, rank: int
) -> Native | Composite:
    """Full (`valid`) transposed convolution, then cropped or padded to Keras 2's extent."""
    margins = [_margin(settings, axis, extra) for axis in range(rank)]
    settings = {**settings, "padding": "valid"}
    outcome = _finish(context, f"Conv{rank}DTranspose", settings, [kernel], bias, ("kernel", "bias"))
    if isinstance(outcome, Composite) or any(n < 0 for pair_ in margins for n in pair_):
        raise UnsupportedOption("output_padding beyond the kernel", layer=context.record.name, key="output_padding")
    context.note("rebuilt", "output_padding: a full transposed convolution, then cropped")
    value: Any = margins[0] if rank == 1 else margins
    crop_settings: Json = {"cropping": [list(m) for m in value] if rank > 1 else list(value)}
    if rank > 1:
        crop_settings["data_format"] = settings["data_format"]
    elif settings["data_format"] == "channels_first":
        raise UnsupportedOption("output_padding with channels_first", layer=context.record.name)
    crop = context.layer(f"Cropping{rank}D", crop_settings, name=f"{context.name}_crop")
    layer = outcome.layer

    def body(graph: Graph, inputs: Structure, kwargs: Any) -> Structure:
        return graph.call(crop, graph.call(layer, inputs))

    return Composite(body)


def _margin(settings: Json, axis: int, extra: Any) -> tuple[int, int]:
    """Cells to cut before and after one axis of the full transposed convolution."""
    kernel, stride = settings["kernel_size"][axis], settings["strides"][axis]
    span = settings["dilation_rate"][axis] * (kernel - 1) + 1
    full = max(span - stride, 0)
    if extra is None:
        # Theano, `same`: output n*stride out of (n-1)*stride + span, cut from its middle.
        before = span // 2 - (1 if span % 2 == 0 else 0)
        return before, full - before
    pad = span // 2 if settings["padding"] == "same" else 0
    after = full + stride - span + 2 * pad - int(pair(extra, axis + 1)[axis]) - pad
    return pad, after


def depthwise_slots(config: Config, record: LayerRecord, writer: Writer) -> Slots:
    names = ("depthwise_kernel", "bias") if config.peek("use_bias", True) else ("depthwise_kernel",)
    return Slots(names, trainable=record.trainable)


@rule("DepthwiseConv1D", "DepthwiseConv2D", slots=depthwise_slots, masks="drop")
@leading_axes(rank_of)
@everywhere
def depthwise_conv(context: Context) -> Native | Composite:
    """`groups` and the `kernel_*` keys, which did nothing, are refused by Keras 3."""
    config, rank = context.config, rank_of(context.record.class_name)
    data_format, settings, depth = _depthwise(context, rank)
    width = channels(context, data_format)
    kernel = context.weight("depthwise_kernel", *settings["kernel_size"], width, depth)
    bias = _bias(context, kernel.shape[-2] * depth)
    config.ignore("filters")
    return _finish(context, f"DepthwiseConv{rank}D", settings, [kernel], bias, ("depthwise", "bias"))


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


def separable_slots(config: Config, record: LayerRecord, writer: Writer) -> Slots:
    names = ("depthwise_kernel", "pointwise_kernel")
    return Slots((*names, "bias") if config.peek("use_bias", True) else names, trainable=record.trainable)


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
    settings |= {"filters": filters, "padding": "valid" if causal else settings["padding"]}
    outcome = _finish(
        context,
        f"SeparableConv{rank}D",
        settings,
        [kernel, pointwise],
        _bias(context, filters),
        ("depthwise", "pointwise", "bias"),
    )
    return _causal(context, outcome, settings) if causal else outcome


def _causal(context: Context, outcome: Native | Composite, settings: Json) -> Composite:
    if settings["data_format"] == "channels_first":
        raise UnsupportedOption("causal with channels_first", layer=context.record.name, key="padding")
    left = settings["dilation_rate"][0] * (settings["kernel_size"][0] - 1)
    context.note("rebuilt", "causal padding: ZeroPadding1D in front")
    return _behind_padding(context, outcome, [left, 0], 1)
