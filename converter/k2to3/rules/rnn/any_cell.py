"""Cells of an `RNN` layer, alone, wrapped or stacked: as Keras 3's own, and as equations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from k2to3.dataclass import dataclass
from k2to3.errors import UnsupportedOption
from k2to3.keras2.model import LayerRecord
from k2to3.keras2.parse import parse_layer
from k2to3.keras3.layer import Layer
from k2to3.keras3.layers.rnn import cell_units, output_width
from k2to3.rules.language import Context
from k2to3.rules.rnn.cell_steps import Cell
from k2to3.rules.rnn.cell_wrappers import WRAPPERS, inner_cell, read_wrapper
from k2to3.rules.rnn.recurrent_cells import read_cell
from k2to3.rules.rnn.unrolled import StepCell, residual, stack

CELLS = frozenset({"LSTMCell", "GRUCell", "SimpleRNNCell", "PeepholeLSTMCell"})
Order = list[int] | None


@dataclass(frozen=True)
class AnyCell:
    """`layer` makes Keras 3's cell without the outermost residual, where `lacks` is empty.

    `steps` makes the equations, also without it. `order` tells which state of Keras 3 stands
    at each place of Keras 2, if not the same.
    """

    layer: Callable[[], Layer]
    steps: Callable[[], StepCell]
    width: int
    lacks: str = ""
    residual: bool = False
    height: int = 1
    states: int = 1
    order: Order = None


def reads_rows(record: LayerRecord) -> bool:
    """Whether a cell, or the lowest one that it holds, is of those that take a row of features."""
    if record.class_name in WRAPPERS:
        return reads_rows(inner_cell(record))
    plain = record.class_name.removesuffix("V1").removesuffix("V2")
    held = record.config.get("cells")
    if plain == "StackedRNNCells" and isinstance(held, list) and held:
        return reads_rows(parse_layer(held[0]))
    return plain in CELLS


def read_any_cell(context: Context, record: LayerRecord, weights: Any, width: int | None) -> AnyCell:
    """A cell whose input has `width` features.

    Raises:
        UnsupportedOption: a class that is neither Keras's own nor given, or a wrapper that Keras 3 cannot do without.
    """
    if record.class_name in WRAPPERS:
        return _wrapped(context, record, weights, width)
    plain = record.class_name.removesuffix("V1").removesuffix("V2")
    inner = context.read(record, weights)
    inner.policy = inner.policy or context.policy
    inner.trainable = inner.trainable and context.trainable
    if plain == "StackedRNNCells":
        found = _stacked(inner, width)
    else:
        found = (_single if plain in CELLS else _custom)(inner, width)
    inner.config.finish()
    return found


def _single(context: Context, width: int | None) -> AnyCell:
    parts = read_cell(context, width)

    def layer() -> Layer:
        return context.layer(f"{parts.kind}Cell", *parts.native(context))

    return AnyCell(
        layer, Cell(context, parts).steps, parts.settings["units"], parts.lacks, states=2 if parts.kind == "LSTM" else 1
    )


def _custom(context: Context, width: int | None) -> AnyCell:
    """A cell of the author's, whose class was given.

    Raises:
        UnsupportedOption: it was not, or something around the cell cannot be done without its equations.
    """
    classes, name = context.conversion.rules.custom, context.record.class_name
    if classes is None or not classes.knows(name):
        raise UnsupportedOption(
            f"cell class {name!r}", layer=context.record.name, key="cell", hint="give the class with --custom-objects"
        )
    layer = classes.cell(context, width)

    def steps() -> StepCell:
        raise UnsupportedOption("a cell of the author's cannot be unrolled", layer=context.record.name, key="cell")

    return AnyCell(lambda: layer, steps, output_width(layer), states=len(cell_units(layer)))


def _wrapped(context: Context, record: LayerRecord, weights: Any, width: int | None) -> AnyCell:
    added = read_wrapper(record)
    found = read_any_cell(context, inner_cell(record), weights, width)
    if not added or not found.residual:
        return replace(found, residual=added or found.residual)
    return replace(found, steps=lambda: residual(found.steps()), lacks=found.lacks or "two residuals")


def _stacked(context: Context, width: int | None) -> AnyCell:
    config = context.config
    # Before Keras 2.2.3 and TF 1.13 there was no choice.
    backwards = config.flag("reverse_state_order", False) or context.writer.before(2, 2, 3)
    cells: list[AnyCell] = []
    for index, value in enumerate(config.take("cells")):
        cells.append(read_any_cell(context, parse_layer(value), context.weights.child(str(index)), width))
        width = cells[-1].width
    lacks = next((cell.lacks or "a residual inside a stack" for cell in cells if cell.lacks or cell.residual), "")

    def layer() -> Layer:
        layers = [cell.layer() for cell in cells]
        return context.layer("StackedRNNCells", {"cells": layers}, cells=layers)

    def steps() -> StepCell:
        return stack([residual(cell.steps()) if cell.residual else cell.steps() for cell in cells])

    sizes = [cell.states for cell in cells]
    order = _reverse(sizes) if backwards and len(cells) > 1 else None
    return AnyCell(layer, steps, cells[-1].width, lacks, height=len(cells), order=order, states=sum(sizes))


def _reverse(sizes: list[int]) -> list[int]:
    """The cells from the top down, the states of each in their own order."""
    starts = [sum(sizes[:index]) for index in range(len(sizes))]
    pairs = reversed(list(zip(starts, sizes, strict=True)))
    return [start + i for start, size in pairs for i in range(size)]
