"""Activations as layers."""

from __future__ import annotations

from k2to3.keras3.layers.built import all_but_shared
from k2to3.keras3.layers.facts import LayerFacts, Rows, Takes, computed, kept, passes, same

FLOAT = LayerFacts(outputs=same, dtype=computed, mask=passes)

ROWS: Rows = {
    "Activation": LayerFacts(outputs=same, dtype=kept, mask=passes),
    "ELU": FLOAT,
    "LeakyReLU": LayerFacts(outputs=same, dtype=computed, mask=passes, without_integers=("torch",)),
    "PReLU": LayerFacts(outputs=same, dtype=computed, mask=passes, built=all_but_shared),
    "ReLU": LayerFacts(outputs=same, dtype=kept, mask=passes),
    "Softmax": LayerFacts(outputs=same, dtype=computed, mask=passes, takes=Takes.FIRST),
}
