"""Shapes of recurrent layers."""

from __future__ import annotations

from k2to3.keras3.layer import Layer
from k2to3.keras3.shapes_spatial import conv_extent, join, pair, split
from k2to3.keras3.types import Shape

STATES = {"LSTM": 2, "GRU": 1, "SimpleRNN": 1}
CELL_STATES = {"LSTMCell": 2, "GRUCell": 1, "SimpleRNNCell": 1}


def recurrent_outputs(layer: Layer, shapes: list[Shape]) -> list[Shape] | None:
    """Output shapes of a recurrent layer, or None for any other layer."""
    name = layer.class_name
    state: Shape
    if name in STATES:
        state = (shapes[0][0], layer.config["units"])
        return _sequence(layer, shapes[0], state, [state] * STATES[name])
    if name == "RNN":
        states: list[Shape] = [(shapes[0][0], units) for units in cell_units(layer.children["cell"])]
        return _sequence(layer, shapes[0], (shapes[0][0], _output_units(layer)), states)
    if name.startswith("ConvLSTM"):
        state = _conv_state(layer, shapes[0])
        return _sequence(layer, shapes[0], state, [state, state])
    if name == "Bidirectional":
        return _bidirectional(layer, shapes)
    return None


def cell_units(cell: Layer | list[Layer]) -> list[int]:
    """Widths of the states of a cell or a stack of cells."""
    if isinstance(cell, list):
        return [units for item in cell for units in cell_units(item)]
    if cell.custom is not None:
        return list(cell.custom.states)
    if cell.class_name == "StackedRNNCells":
        return cell_units(cell.children["cells"])
    return [cell.config["units"]] * CELL_STATES[cell.class_name]


def _output_units(layer: Layer) -> int:
    cell = layer.children["cell"]
    while isinstance(cell, list) or "cells" in cell.children:
        cell = cell[-1] if isinstance(cell, list) else cell.children["cells"]
    return output_width(cell)


def output_width(cell: Layer) -> int:
    """Features of the output of one cell."""
    return int(cell.config["units"] if cell.custom is None else cell.custom.output)


def _sequence(layer: Layer, source: Shape, last: Shape, states: list[Shape]) -> list[Shape]:
    first = (source[0], source[1], *last[1:]) if layer.config.get("return_sequences") else last
    return [first, *(states if layer.config.get("return_state") else [])]


def _conv_state(layer: Layer, source: Shape) -> Shape:
    frame = (source[0], *source[2:])
    space, _ = split(layer, frame)
    config, rank = layer.config, len(space)
    columns = zip(
        space,
        pair(config["kernel_size"], rank),
        pair(config["strides"], rank),
        pair(config["dilation_rate"], rank),
        strict=True,
    )
    found = [conv_extent(n, k, s, d, config["padding"]) for n, k, s, d in columns]
    return join(layer, source[0], found, config["filters"])


def _bidirectional(layer: Layer, shapes: list[Shape]) -> list[Shape]:
    child = layer.children["forward_layer"]
    assert isinstance(child, Layer)
    outputs = recurrent_outputs(child, shapes[:1])
    assert outputs is not None
    first, states = outputs[0], outputs[1:]
    mode = layer.config.get("merge_mode", "concat")
    if mode is None:
        return [first, first, *states, *states]
    if mode == "concat":
        width = first[-1]
        first = (*first[:-1], None if width is None else 2 * width)
    return [first, *states, *states]
