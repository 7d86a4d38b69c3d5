"""Wrappers around recurrent layers and over time."""

from __future__ import annotations

from k2to3.errors import BadConfig
from k2to3.keras3.layer import Layer
from k2to3.keras3.layers.facts import LayerFacts, Rows, Takes, Use, computed, passes, passes_sequences
from k2to3.keras3.types import Shape


def by_steps(use: Use) -> list[Shape]:
    inner = use.layer.children["layer"]
    assert isinstance(inner, Layer)
    found, *rest = use.ask(inner, (use.shape[0], *use.shape[2:]))
    if rest:
        raise BadConfig("TimeDistributed needs an inner layer with one output", layer=use.layer.name)
    return [(found[0], use.shape[1], *found[1:])]


def both_ways(use: Use) -> list[Shape]:
    inner = use.layer.children["forward_layer"]
    assert isinstance(inner, Layer)
    first, *states = use.ask(inner, use.shape)
    mode = use.config.get("merge_mode", "concat")
    if mode is None:
        return [first, first, *states, *states]
    if mode == "concat":
        width = first[-1]
        first = (*first[:-1], None if width is None else 2 * width)
    return [first, *states, *states]


ROWS: Rows = {
    "Bidirectional": LayerFacts(
        outputs=both_ways,
        dtype=computed,
        mask=passes_sequences,
        takes=Takes.FIRST,
        masks_all_outputs=True,
        recurrent=True,
    ),
    "TimeDistributed": LayerFacts(
        outputs=by_steps, dtype=computed, mask=passes, takes=Takes.FIRST, asks_for_shapes=True
    ),
}
