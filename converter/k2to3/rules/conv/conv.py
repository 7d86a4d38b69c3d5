"""Convolutions.

Changed since Keras 2: `groups` and the unused `kernel_*` keys of separable and depthwise
layers are refused by Keras 3 (https://github.com/keras-team/keras/issues/19441); Keras 3
ignores that Theano convolves where TensorFlow correlates.
"""

from __future__ import annotations

from typing import Any

from k2to3.findings import Code
from k2to3.keras3.graph import Graph, Structure
from k2to3.keras3.layers.space import pair
from k2to3.rules.activations.activation import activated, read_activation
from k2to3.rules.common import activity, trained
from k2to3.rules.conv.data_format import everywhere
from k2to3.rules.conv.leading_axes import leading_axes
from k2to3.rules.core.core import fold, kernel_and_bias
from k2to3.rules.keras1.layers import conv_kernel
from k2to3.rules.language import Composite, Context, Native, rule
from k2to3.sources.json_text import Json
from k2to3.weights import Expression, Flip

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


def finish_conv(
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


def read_bias(context: Context, width: int | None) -> Expression | None:
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
    margins = same_on_theano(context, settings)
    if margins is not None:
        settings["padding"] = "valid"
    width = channels(context, data_format)
    depth = None if width is None else width // groups
    kernel = conv_kernel(context, (*settings["kernel_size"], depth, filters), transposed=False)
    if groups != 1:
        settings["groups"] = groups
    kernel = flipped(context, kernel, rank)
    bias = read_bias(context, filters)
    outcome = finish_conv(context, f"Conv{rank}D", settings, [kernel], bias, ("kernel", "bias"))
    return outcome if margins is None else behind_padding(context, outcome, margins, rank)


def same_on_theano(context: Context, settings: Json) -> list[list[int]] | None:
    """Theano pads `same` by half a kernel on both sides; None where TensorFlow does too.

    An even kernel's last output is cut off, which is one cell less of padding at the end.
    Source: `_preprocess_padding`, `_postprocess_conv2d_output` in keras/backend/theano_backend.py.
    """
    if not context.writer.theano or settings["padding"] != "same":
        return None
    spans = [d * (k - 1) + 1 for d, k in zip(settings["dilation_rate"], settings["kernel_size"], strict=True)]
    if all(stride == 1 for stride in settings["strides"]) and all(span % 2 for span in spans):
        return None
    context.note(
        "drift",
        "'same' on Theano pads on other sides than on TensorFlow: the padding is written out",
        Code.THEANO_MARGINS,
    )
    return [[span // 2, (span - 1) // 2] for span in spans]


def behind_padding(context: Context, outcome: Native | Composite, margins: list[list[int]], rank: int) -> Composite:
    settings: Json = {"padding": margins[0] if rank == 1 else margins}
    pad = context.layer(f"ZeroPadding{rank}D", settings, name=f"{context.name}_pad")

    def body(graph: Graph, inputs: Structure, kwargs: Any) -> Structure:
        padded = graph.call(pad, inputs)
        if isinstance(outcome, Native):
            return graph.call(outcome.layer, padded)
        return outcome.body(graph, padded, kwargs)

    return Composite(body)
