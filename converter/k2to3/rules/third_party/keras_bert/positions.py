"""Position embeddings, learnt and of sines.

Sources: keras_pos_embd/pos_embd.py, keras_pos_embd/trig_pos_embd.py.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from k2to3.errors import BadConfig, UnsupportedOption
from k2to3.keras3 import ops
from k2to3.keras3.graph import Graph, Structure, Tensor, one
from k2to3.keras3.masks import not_equal
from k2to3.rules.common import activity, trained
from k2to3.rules.language import Composite, Context, Masks, rule
from k2to3.rules.rebuilding import one_tensor
from k2to3.rules.third_party.keras_bert.tables import table_of, table_slots

MODES = ("expand", "add", "concat")


def position_masks(context: Context, masks: Masks) -> Masks:
    """Positions that are given have a mask of their own."""
    value = context.config.peek("mask_zero", False)
    if context.config.peek("mode", "expand") != "expand":
        return masks
    return [not_equal(one(context.inputs), float(value))] if value else [None]


@rule("keras_bert>PositionEmbedding", slots=table_slots, masks=position_masks, origin="keras-bert")
def position_embedding(context: Context) -> Composite:
    """keras-pos-embd's PositionEmbedding: of positions given, or added to features, or beside them."""
    one_tensor(context)
    mode, rows, width = _mode(context), context.config.integer("input_dim"), context.config.integer("output_dim")
    if context.config.take("mask_zero", False) is True and mode == "expand":
        raise UnsupportedOption("masks position 1", layer=context.record.name, key="mask_zero")
    if mode == "add" and context.shape[-1] != width:
        text = f"adds {width} features to {context.shape[-1]}"
        raise BadConfig(text, layer=context.record.name, key="output_dim")
    settings = trained(context, "embeddings", defaults={"embeddings": "uniform"}) | activity(context)
    table = table_of(context, 2 * rows + 1 if mode == "expand" else rows, width, settings)

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        x = one(inputs)
        if mode == "expand":
            return graph.call(table, _within(graph, x, rows))
        places = ops.cast(graph, _places(graph, x), "int32")
        return _joined(graph, x, graph.call(table, places), mode, context.name)

    context.note("rebuilt", "from Embedding and ops")
    return Composite(body, inline=True)


@rule("keras_bert>TrigPosEmbedding", origin="keras-bert")
def trig_pos_embedding(context: Context) -> Composite:
    """keras-pos-embd's TrigPosEmbedding: sines of even features and cosines of odd ones, from ops."""
    one_tensor(context)
    mode, given = _mode(context, "add"), context.config.take("output_dim", None)
    width = context.shape[-1] if mode == "add" else given
    if not isinstance(width, int) or width % 2:
        raise BadConfig(f"{width} features, which are no pairs", layer=context.record.name, key="output_dim")
    context.note("rebuilt", "from ops")

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        x = one(inputs)
        if mode == "expand":
            return _waves(graph, ops.cast(graph, x, "float32"), width, context.name)
        return _joined(graph, x, _waves(graph, _places(graph, x), width, context.name), mode, context.name)

    return Composite(body, inline=True)


def _mode(context: Context, default: str = "expand") -> str:
    mode = context.config.take("mode", default)
    if mode not in MODES:
        raise BadConfig(f"is {mode!r}, not one of {', '.join(MODES)}", layer=context.record.name, key="mode")
    return str(mode)


def _places(graph: Graph, x: Tensor) -> Tensor:
    """0, 1, 2, … along axis 1 of every sample."""
    ones = ops.ones_like(graph, ops.get_item(graph, x, [slice(None), slice(None), 0]))
    return ops.subtract(graph, ops.cumsum(graph, ones, axis=1), 1.0)


def _within(graph: Graph, x: Tensor, most: int) -> Tensor:
    """From -most … most, whatever lies beyond it too, to rows of the table."""
    whole = x if x.dtype == "int32" else ops.cast(graph, x, "int32")
    lowest = ops.maximum(graph, whole, -most)
    return ops.add(graph, graph.op("numpy.Minimum", lowest, most), most)


def _joined(graph: Graph, x: Tensor, found: Tensor, mode: str, name: str) -> Tensor:
    if mode == "add":
        return ops.add(graph, x, found, name=f"{name}_sum")
    return ops.concatenate(graph, [x, found], axis=-1, name=f"{name}_beside")


def _waves(graph: Graph, places: Tensor, width: int, name: str) -> Tensor:
    even = np.arange(0, width // 2, dtype=np.float32) * 2
    rates = np.float32(1) / np.power(np.float32(10000), even / np.float32(width))
    odd = (np.arange(width) % 2).astype(np.float32)
    column = ops.expand_dims(graph, places, axis=-1, name=f"{name}_places")
    angles = ops.multiply(graph, column, np.repeat(rates, 2), name=f"{name}_angles")
    sines = ops.multiply(graph, graph.op("numpy.Sin", angles), 1 - odd, name=f"{name}_even")
    cosines = ops.multiply(graph, ops.cos(graph, angles), odd, name=f"{name}_odd")
    return ops.add(graph, sines, cosines, name=f"{name}_waves")
