"""Transposed convolutions: `output_padding`, dilation and Theano's margins are written out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k2to3.errors import UnsupportedOption
from k2to3.findings import Code
from k2to3.keras3.graph import Graph, Structure
from k2to3.keras3.layers.space import pair
from k2to3.rules.conv.conv import (
    behind_padding,
    channels,
    finish_conv,
    flipped,
    rank_of,
    read_bias,
    read_format,
    spatial,
)
from k2to3.rules.conv.data_format import everywhere
from k2to3.rules.core.core import kernel_and_bias
from k2to3.rules.keras1.layers import conv_kernel
from k2to3.rules.language import Composite, Context, Native, rule
from k2to3.sources.json_text import Json
from k2to3.weights import Expression, Flip, Transpose


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
    bias = read_bias(context, filters)
    extra = config.take("output_padding", None)
    if any(rate > 1 for rate in settings["dilation_rate"]):
        return _dilated_transpose(context, settings, kernel, bias, extra, rank)
    theano_same = context.writer.theano and settings["padding"] == "same"
    if extra is None and not (theano_same and any(s > 1 for s in settings["strides"])):
        return finish_conv(context, f"Conv{rank}DTranspose", settings, [kernel], bias, ("kernel", "bias"))
    if theano_same:
        context.note(
            "drift", "'same' on Theano pads on other sides than on TensorFlow: written out", Code.THEANO_MARGINS
        )
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
    if rank == 3:
        # layers/convolutional/conv3d_transpose.py: `call` hands no dilation on.
        raise UnsupportedOption("Keras 2 did not dilate it", layer=context.record.name, key="dilation_rate")
    if len({*settings["dilation_rate"]}) > 1:
        # backend.conv2d_transpose asserts it.
        raise UnsupportedOption("Keras 2 dilated all axes alike", layer=context.record.name, key="dilation_rate")
    spans = [d * (k - 1) for d, k in zip(settings["dilation_rate"], settings["kernel_size"], strict=True)]
    same = settings["padding"] == "same"
    pads = [[n - n // 2, n // 2] if same else [n, n] for n in spans]
    space = tuple(range(rank))
    turned = Flip(Transpose(kernel, (*space, rank + 1, rank)), space)
    context.note("rebuilt", "dilated transposed convolution: padding and a convolution with the turned kernel")
    outcome = finish_conv(context, f"Conv{rank}D", {**settings, "padding": "valid"}, [turned], bias, ("kernel", "bias"))
    return behind_padding(context, outcome, pads, rank)


def _padded_transpose(
    context: Context, settings: Json, kernel: Expression, bias: Expression | None, extra: Any, rank: int
) -> Composite:
    """Full (`valid`) transposed convolution, then cropped to Keras 2's extent.

    An extent beyond the last window comes from one more input cell of zeros.
    """
    margins = [_margin(context, settings, axis, extra) for axis in range(rank)]
    longer = [after < 0 for _, after in margins]
    margins = [
        (before, after + settings["strides"][axis] if longer[axis] else after)
        for axis, (before, after) in enumerate(margins)
    ]
    if any(n < 0 for margin in margins for n in margin):
        raise UnsupportedOption("output_padding beyond the kernel", layer=context.record.name, key="output_padding")
    outcome = finish_conv(
        context, f"Conv{rank}DTranspose", {**settings, "padding": "valid"}, [kernel], bias, ("kernel", "bias")
    )
    context.note("rebuilt", "output_padding: a full transposed convolution, then cropped")
    crop = context.layer(f"Cropping{rank}D", {"cropping": _sides(margins)}, name=f"{context.name}_crop")
    pad = context.layer(
        f"ZeroPadding{rank}D", {"padding": _sides([(0, int(more)) for more in longer])}, name=f"{context.name}_pad"
    )

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        found = graph.call(pad, inputs) if any(longer) else inputs
        found = graph.call(outcome.layer, found) if isinstance(outcome, Native) else outcome.body(graph, found, kwargs)
        return graph.call(crop, found)

    return Composite(body)


def _sides(margins: list[tuple[int, int]]) -> list[Any]:
    return list(margins[0]) if len(margins) == 1 else [list(margin) for margin in margins]


def _margin(context: Context, settings: Json, axis: int, extra: Any) -> tuple[int, int]:
    """Cells to cut before and after one axis of the full transposed convolution.

    Source: `deconv_output_length` in tf_keras/src/utils/conv_utils.py; TensorFlow then cuts
    as its SAME convolution from that extent would pad.
    """
    kernel, stride = settings["kernel_size"][axis], settings["strides"][axis]
    span = settings["dilation_rate"][axis] * (kernel - 1) + 1
    full = max(span - stride, 0)
    if extra is None:
        # Theano, `same`: output n*stride out of (n-1)*stride + span, cut from its middle.
        before = span // 2 - (1 if span % 2 == 0 else 0)
        return before, full - before
    more = int(pair(extra, axis + 1)[axis])
    same = settings["padding"] == "same"
    cut = 2 * (span // 2) if same else 0
    before = cut // 2 if context.writer.theano or not same else max(cut - more, 0) // 2
    return before, full + stride - span + cut - more - before
