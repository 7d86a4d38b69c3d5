"""`same` pooling with its margins written out: Theano's, and uneven ones of averages.

Theano pads both sides by the pool size less one (less two for odd sizes above two), cuts
what is too long, and leaves the padding out of averages.
Source: `pool2d` in keras/backend/theano_backend.py of Keras 2.2.4.
"""

from __future__ import annotations

from collections.abc import Mapping

from k2to3.errors import UnsupportedOption
from k2to3.findings import Code
from k2to3.keras3 import ops
from k2to3.keras3.graph import Graph, Structure, Tensor
from k2to3.keras3.layer import Layer
from k2to3.keras3.types import Shape
from k2to3.rules.language import Composite, Context
from k2to3.sources.json_text import Json

LOWEST = {"float16": -65504.0}


def same_on_theano(context: Context, name: str, settings: Json) -> Composite | None:
    """The pooling behind explicit margins; None where TensorFlow pads alike.

    Raises:
        UnsupportedOption: the margins depend on a length that is not known.
    """
    if not context.writer.theano or settings["padding"] != "same":
        return None
    sizes, strides = settings["pool_size"], settings["strides"]
    if all(k % 2 for k in sizes) and all(k <= 3 for k in sizes) and all(s == 1 for s in strides):
        # Both frameworks leave the margins out here.
        return None
    margins = [_margins(context, n, k, s) for n, k, s in zip(space_of(context, settings), sizes, strides, strict=True)]
    context.note(
        "drift", "'same' pooling on Theano pads on other sides than on TensorFlow: written out", Code.THEANO_MARGINS
    )
    return _behind_margins(context, name, settings, margins)


def uneven_average(context: Context, name: str, settings: Json) -> Composite | None:
    """`same` averages whose margins are uneven, which Keras 3 on PyTorch counts as cells.

    None for maxima, for even margins, and where a length is not known.
    """
    if settings["padding"] != "same" or not name.startswith("Average"):
        return None
    margins = []
    for n, k, s in zip(space_of(context, settings), settings["pool_size"], settings["strides"], strict=True):
        if n is None and s > 1:
            context.note(
                "warning", "'same' average over an unknown length: PyTorch counts uneven margins, others do not"
            )
            return None
        total = max(k - s if n is None or n % s == 0 else k - n % s, 0)
        margins.append([total // 2, total - total // 2])
    if all(before == after for before, after in margins):
        return None
    context.note("rebuilt", "'same' averages with uneven margins: written out, for PyTorch counts the margins")
    return _behind_margins(context, name, settings, margins)


def space_of(context: Context, settings: Json) -> Shape:
    return context.shape[2:] if settings["data_format"] == "channels_first" else context.shape[1:-1]


def _behind_margins(context: Context, name: str, settings: Json, margins: list[list[int]]) -> Composite:
    first, maximum = settings["data_format"] == "channels_first", name.startswith("Max")
    widths = [[0, 0], [0, 0], *margins] if first else [[0, 0], *margins, [0, 0]]
    layer = context.layer(name, {**settings, "padding": "valid"})
    counter = context.layer(name, {**settings, "padding": "valid"}, name=f"{context.name}_share")

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        low = LOWEST.get(inputs.dtype, -3.4028234663852886e38)
        pooled = graph.call(layer, ops.pad(graph, inputs, widths, low if maximum else 0.0))
        return pooled if maximum else _without_margins(graph, inputs, pooled, counter, widths)

    return Composite(body)


def _margins(context: Context, length: int | None, size: int, stride: int) -> list[int]:
    before = size - 2 if size > 2 and size % 2 else size - 1
    if stride == 1:
        return [before, size - 1 - before]
    if length is None:
        if size == 3:
            return [1, 1]
        raise UnsupportedOption(
            "'same' pooling with strides, written on Theano, on an unknown length",
            layer=context.record.name,
            key="padding",
        )
    return [before, max(0, (-(-length // stride) - 1) * stride + size - length - before)]


def _without_margins(
    graph: Graph, inputs: Tensor, pooled: Tensor, counter: Layer, widths: list[list[int]]
) -> Structure:
    """Averages over all cells, divided by the share of cells that are not margin."""
    present = ops.equal(graph, inputs, inputs)
    ones = ops.cast(graph, present, inputs.dtype)
    share = graph.call(counter, ops.pad(graph, ones, widths, 0.0))
    return ops.divide(graph, pooled, share)
