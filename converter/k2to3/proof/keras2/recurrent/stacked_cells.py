"""Cells in cells: StackedRNNCells and the wrappers of tensorflow/python/keras/layers/rnn_cell_wrapper_v2.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from k2to3.proof.keras2.layer import Context, Layer, Make
from k2to3.proof.keras2.options import Options
from k2to3.proof.keras2.recurrent.cells import Cell
from k2to3.proof.keras2.recurrent.loop import States
from k2to3.proof.keras2.tensor import Array
from k2to3.sources.json_text import Json


def cell_of(options: Options, make: Make, config: Json) -> Cell:
    found = make.config(config)
    if not isinstance(found, Cell):
        raise options.unspecified(f"{found.class_name} as a cell")
    return found


class StackedRNNCells(Cell):
    """One after the other in each step; the states in the order of the cells, or reversed."""

    since = "2.0.7"
    history = (
        "to 2.2.2: states in reversed order of the cells",
        "2.2.3 and tf.keras 1.13: in order, unless reverse_state_order",
    )
    names = ("StackedRNNCells",)

    def read(self, options: Options, make: Make) -> None:
        self.cells = [cell_of(options, make, config) for config in options.take("cells")]
        self.reverses = bool(options.take("reverse_state_order", False))
        version = self.author.keras
        if version is not None and version < (2, 2, 3):
            self.reverses = True
        elif version is None and self.author.last < (1, 13):
            raise options.unspecified("the order of states before TensorFlow 1.13")

    def children(self) -> Sequence[tuple[str, Layer]]:
        return [("cells", cell) for cell in self.cells]

    def sizes(self, inputs: Array) -> list[tuple[int, ...]]:
        groups = []
        for cell in self.cells:
            groups.append(cell.sizes(inputs))
            inputs = np.zeros((1, *groups[-1][0]))
        return [size for group in self._stored(groups) for size in group]

    def _stored(self, groups: list[list[tuple[int, ...]]]) -> list[list[tuple[int, ...]]]:
        return groups[::-1] if self.reverses else groups

    def step(self, inputs: Array, states: States, context: Context) -> tuple[Array, States]:
        counts = [len(cell.sizes(inputs)) for cell in self.cells]
        ends = np.cumsum(counts[::-1] if self.reverses else counts)
        parts = [states[end - n : end] for end, n in zip(ends, counts[::-1] if self.reverses else counts, strict=True)]
        parts = parts[::-1] if self.reverses else parts
        found: list[States] = []
        for cell, part in zip(self.cells, parts, strict=True):
            inputs, new = cell.step(cell.project(inputs, context), part, context)
            found.append(new)
        return inputs, [state for part in (found[::-1] if self.reverses else found) for state in part]


class WrappedCell(Cell):
    """DeviceWrapper and DropoutWrapper: the cell inside, at inference."""

    since = "tf.keras 2.0"
    source = "tensorflow/python/keras/layers/rnn_cell_wrapper_v2.py"
    names: ClassVar[tuple[str, ...]] = ("DeviceWrapper", "DropoutWrapper")

    def read(self, options: Options, make: Make) -> None:
        self.cell = cell_of(options, make, options.take("cell"))
        options.ignore("device", "input_keep_prob", "output_keep_prob", "state_keep_prob", "variational_recurrent")
        options.ignore("input_size", "seed", "dropout_state_filter_visitor")
        options.only("residual_fn", None)

    def children(self) -> Sequence[tuple[str, Layer]]:
        return (("cell", self.cell),)

    def sizes(self, inputs: Array) -> list[tuple[int, ...]]:
        return self.cell.sizes(inputs)

    def step(self, inputs: Array, states: States, context: Context) -> tuple[Array, States]:
        return self.cell.step(self.cell.project(inputs, context), states, context)


class ResidualWrapper(WrappedCell):
    """The cell's output plus its input; the states are the cell's own."""

    names = ("ResidualWrapper",)

    def step(self, inputs: Array, states: States, context: Context) -> tuple[Array, States]:
        output, found = super().step(inputs, states, context)
        return inputs + output, found
