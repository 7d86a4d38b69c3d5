"""Recurrent layers: `time_major`, `implementation` and others are gone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k2to3.errors import BadConfig, UnsupportedOption
from k2to3.graph.config import Config
from k2to3.graph.model import LayerRecord
from k2to3.graph.parse import parse_layer
from k2to3.rules.base import Composite, Context, Masks, Native, make_context, rule
from k2to3.rules.cell_wrappers import unwrapped, with_residual
from k2to3.rules.common import activity
from k2to3.rules.recurrent_cells import cell_slots, family, read_cell
from k2to3.rules.slots import Slots
from k2to3.source.json_text import Json
from k2to3.source.writer import Writer
from k2to3.target.graph import Graph, Structure, Tensor, tensors
from k2to3.target.layer import Layer
from k2to3.target.shapes_recurrent import output_width

FLAGS = ("return_sequences", "return_state", "go_backwards", "stateful", "unroll")
CELLS = ("LSTMCell", "GRUCell", "SimpleRNNCell", "StackedRNNCells")


def sequence_masks(context: Context, masks: Masks) -> Masks:
    """The input's mask on sequences, none on a last output or on states."""
    return [masks[0]] if context.config.peek("return_sequences", False) else [None]


def sequence_settings(context: Context) -> Json:
    """Flags common to all recurrent layers, those that are off left out."""
    config = context.config
    settings: Json = {flag: True for flag in FLAGS if config.flag(flag, False)}
    if config.flag("zero_output_for_mask", False):
        settings["zero_output_for_mask"] = True
    config.ignore("input_length", "input_dim")
    return settings


def state_call(inputs: Structure, kwargs: Mapping[str, Structure]) -> tuple[Structure, Mapping[str, Structure]]:
    """Keras 2 saved `[x, state, ...]` as one input list; Keras 3 takes `initial_state`.

    Raises:
        UnsupportedOption: constants, or call arguments that are not known.
    """
    found: dict[str, Structure] = {}
    states: list[Structure] = []
    if isinstance(inputs, list):
        inputs, states = inputs[0], list(inputs[1:])
    for key, value in kwargs.items():
        if value is None or key == "mask":
            continue
        if key == "initial_state":
            states = list(value) if isinstance(value, list) else [value]
        elif key == "training" and not value:
            found["training"] = False
        elif key == "constants":
            raise UnsupportedOption("constants need a custom cell", key=key)
        else:
            raise UnsupportedOption(f"call argument with value {str(value)[:60]}", key=key)
    if states:
        found["initial_state"] = states if len(states) > 1 else states[0]
    return inputs, found


def recurrent_layer(context: Context, layer: Layer, time_major: bool) -> Native | Composite:
    """The layer itself, or between two transposes where time comes first."""
    if not time_major:
        return Native(layer, arrange=state_call)
    context.note("rebuilt", "time_major: transposed before and after")
    sequences = bool(layer.config.get("return_sequences"))

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        first, settings = state_call(inputs, kwargs)
        swapped = _swap(graph, first)
        found = graph.call(layer, swapped, settings)
        outputs = list(tensors(found))
        if sequences:
            outputs[0] = _swap(graph, outputs[0])
        return outputs if len(outputs) > 1 else outputs[0]

    return Composite(body, inline=True)


def _swap(graph: Graph, tensor: Tensor) -> Tensor:
    rank = len(tensor.shape)
    axes = [1, 0, *range(2, rank)]
    shape = tuple(tensor.shape[axis] for axis in axes)
    return graph.op("numpy.Transpose", tensor, config={"axes": axes}, shape=shape)


@rule(
    "LSTM",
    "GRU",
    "SimpleRNN",
    "CuDNNLSTM",
    "CuDNNGRU",
    "LSTMV1",
    "LSTMV2",
    "GRUV1",
    "GRUV2",
    slots=cell_slots,
    masks=sequence_masks,
)
def recurrent(context: Context) -> Native | Composite:
    """`time_major` is refused by Keras 3, `hard_sigmoid` gates have another slope."""
    time_major = context.config.flag("time_major", False)
    settings = sequence_settings(context)
    record = context.record
    if record.class_name.startswith("CuDNN"):
        context.note("rebuilt", f"as a plain {family(record.class_name)}")
    context.weights = context.weights.children.get("cell", context.weights)
    parts = read_cell(context, context.shape[-1])
    layer_settings = settings | parts.settings | activity(context)
    cell = Layer("cell", f"{family(record.class_name)}Cell", variables=parts.variables)
    layer = context.layer(family(record.class_name), layer_settings, cell=cell)
    return recurrent_layer(context, layer, time_major)


def rnn_slots(config: Config, record: LayerRecord, writer: Writer) -> Slots:
    cell = parse_cell(config.peek("cell"), record.name)
    return Slots(children={"cell": any_cell_slots(cell, writer)}, trainable=record.trainable)


def parse_cell(value: Any, layer: str) -> LayerRecord:
    """A cell, or a list of cells as StackedRNNCells."""
    if isinstance(value, list):
        return LayerRecord("StackedRNNCells", "stacked_rnn_cells", {"cells": value})
    if not isinstance(value, dict):
        raise BadConfig("has no cell", layer=layer, key="cell")
    return parse_layer(value)


def any_cell_slots(record: LayerRecord, writer: Writer) -> Slots:
    from k2to3.rules.base import find_rule

    return find_rule(record).slots(Config(record.config, record.name), record, writer)


@rule("RNN", slots=rnn_slots, masks=sequence_masks)
def rnn(context: Context) -> Native | Composite:
    """Cells are converted like the layers of the same family."""
    config = context.config
    record, residual = unwrapped(parse_cell(config.take("cell"), context.record.name))
    config.drop("num_constants", None, 0)
    config.ignore("cell_config")
    time_major = config.flag("time_major", False)
    settings = sequence_settings(context)
    cell = convert_cell(context, record, context.weights.child("cell"), context.shape[-1])
    layer = context.layer("RNN", {"cell": cell, **settings, **activity(context)}, cell=cell)
    outcome = recurrent_layer(context, layer, time_major)
    if not residual:
        return outcome
    if not isinstance(outcome, Native):
        raise UnsupportedOption("a residual around time_major input", layer=context.record.name, key="time_major")
    return with_residual(context, layer, outcome)


def convert_cell(context: Context, record: LayerRecord, weights: Any, width: int | None) -> Layer:
    """A cell whose input has `width` features."""
    inner = make_context(
        record,
        weights,
        context.inputs,
        context.writer,
        record.name.replace("/", "_"),
        context.findings,
        context.convert_model,
    )
    inner.policy = inner.policy or context.policy
    if record.class_name == "StackedRNNCells":
        layer = _stacked(inner, width)
    elif record.class_name.removesuffix("V1").removesuffix("V2") not in CELLS:
        from k2to3.custom.cell import custom_cell

        layer = custom_cell(inner, width)
    else:
        parts = read_cell(inner, width)
        layer = inner.layer(f"{family(record.class_name)}Cell", parts.settings, parts.variables)
    inner.config.finish()
    return layer


def _stacked(context: Context, width: int | None) -> Layer:
    config = context.config
    config.drop("reverse_state_order", False)
    cells: list[Layer] = []
    for index, value in enumerate(config.take("cells")):
        record = parse_layer(value)
        cells.append(convert_cell(context, record, context.weights.child(str(index)), width))
        width = output_width(cells[-1])
    return context.layer("StackedRNNCells", {"cells": cells}, cells=cells)


def stacked_slots(config: Config, record: LayerRecord, writer: Writer) -> Slots:
    children = {
        str(index): any_cell_slots(parse_layer(value), writer) for index, value in enumerate(config.peek("cells") or [])
    }
    return Slots(children=children, trainable=record.trainable)


@rule("LSTMCell", "GRUCell", "SimpleRNNCell", "LSTMCellV1", "LSTMCellV2", "GRUCellV1", "GRUCellV2", slots=cell_slots)
def cell(context: Context) -> Native:
    """Only inside RNN."""
    raise BadConfig("a cell stands outside an RNN layer", layer=context.record.name)


@rule("StackedRNNCells", slots=stacked_slots)
def stacked(context: Context) -> Native:
    """Only inside RNN."""
    raise BadConfig("cells stand outside an RNN layer", layer=context.record.name)
