"""Recurrent layers and their cells."""

from __future__ import annotations

from functools import partial

from k2to3.keras3.layer import Layer
from k2to3.keras3.layers.built import features
from k2to3.keras3.layers.facts import (
    LayerFacts,
    Outputs,
    Rows,
    Takes,
    Use,
    computed,
    drops,
    passes_sequences,
    uncalled,
)
from k2to3.keras3.layers.space import conv_extent, join, pair, split
from k2to3.keras3.types import Shape

CELL_STATES = {"LSTMCell": 2, "GRUCell": 1, "SimpleRNNCell": 1}


def cell_units(cell: Layer | list[Layer]) -> list[int]:
    """Widths of the states of a cell or a stack of cells."""
    if isinstance(cell, list):
        return [units for item in cell for units in cell_units(item)]
    if cell.custom is not None:
        return list(cell.custom.states)
    if cell.class_name == "StackedRNNCells":
        return cell_units(cell.children["cells"])
    return [cell.config["units"]] * CELL_STATES[cell.class_name]


def output_width(cell: Layer) -> int:
    """Features of the output of one cell."""
    return int(cell.config["units"] if cell.custom is None else cell.custom.output)


def built_in(use: Use, states: int) -> list[Shape]:
    state = (use.shape[0], use.config["units"])
    return _sequence(use, state, [state] * states)


def of_cells(use: Use) -> list[Shape]:
    states: list[Shape] = [(use.shape[0], units) for units in cell_units(use.layer.children["cell"])]
    return _sequence(use, (use.shape[0], _output_units(use.layer)), states)


def convolutional(use: Use) -> list[Shape]:
    state = _conv_state(use)
    return _sequence(use, state, [state, state])


def _output_units(layer: Layer) -> int:
    cell = layer.children["cell"]
    while isinstance(cell, list) or "cells" in cell.children:
        cell = cell[-1] if isinstance(cell, list) else cell.children["cells"]
    return output_width(cell)


def _sequence(use: Use, last: Shape, states: list[Shape]) -> list[Shape]:
    source = use.shape
    first = (source[0], source[1], *last[1:]) if use.config.get("return_sequences") else last
    return [first, *(states if use.config.get("return_state") else [])]


def _conv_state(use: Use) -> Shape:
    frame = (use.shape[0], *use.shape[2:])
    space, _ = split(use.layer, frame)
    config, rank = use.config, len(space)
    columns = zip(
        space,
        pair(config["kernel_size"], rank),
        pair(config["strides"], rank),
        pair(config["dilation_rate"], rank),
        strict=True,
    )
    found = [conv_extent(n, k, s, d, config["padding"]) for n, k, s, d in columns]
    return join(use.layer, use.shape[0], found, config["filters"])


def _recurrent(outputs: Outputs, hands_trainable_down: bool = True) -> LayerFacts:
    return LayerFacts(
        outputs=outputs,
        dtype=computed,
        mask=passes_sequences,
        takes=Takes.FIRST,
        recurrent=True,
        built=features,
        hands_trainable_down=hands_trainable_down,
    )


CELL = LayerFacts(outputs=uncalled, dtype=computed, mask=drops)
CONV_LSTM = _recurrent(convolutional)

ROWS: Rows = {
    "ConvLSTM1D": CONV_LSTM,
    "ConvLSTM2D": CONV_LSTM,
    "ConvLSTM3D": CONV_LSTM,
    # The cell of all three, which stands in no archive.
    "ConvLSTMCell": CELL,
    "GRU": _recurrent(partial(built_in, states=1)),
    "GRUCell": CELL,
    "LSTM": _recurrent(partial(built_in, states=2)),
    "LSTMCell": CELL,
    "RNN": _recurrent(of_cells, hands_trainable_down=False),
    "SimpleRNN": _recurrent(partial(built_in, states=1)),
    "SimpleRNNCell": CELL,
    "StackedRNNCells": LayerFacts(
        outputs=uncalled, dtype=computed, mask=drops, takes_trainable=False, takes_dtype=False
    ),
}
