"""Normalization layers, and the wrapper that normalises a kernel."""

from __future__ import annotations

from k2to3.keras3.layer import Layer
from k2to3.keras3.layers.built import along_axes
from k2to3.keras3.layers.facts import LayerFacts, Rows, Takes, Use, computed, drops, passes, same
from k2to3.keras3.types import Shape


def spectral(use: Use) -> list[Shape]:
    inner = use.layer.children["layer"]
    assert isinstance(inner, Layer)
    return use.ask(inner, use.shape)[:1]


STATISTICS = LayerFacts(outputs=same, dtype=computed, mask=passes, built=along_axes)

ROWS: Rows = {
    "BatchNormalization": LayerFacts(
        outputs=same,
        dtype=computed,
        mask=passes,
        takes=Takes.FIRST,
        keys_since={"renorm": 15},
        untrained=2,
        built=along_axes,
    ),
    "GroupNormalization": STATISTICS,
    "LayerNormalization": STATISTICS,
    "RMSNormalization": LayerFacts(outputs=same, dtype=computed, mask=drops, since=9, built=along_axes),
    "SpectralNormalization": LayerFacts(outputs=spectral, dtype=computed, mask=drops, untrained=2),
    "UnitNormalization": STATISTICS,
}
