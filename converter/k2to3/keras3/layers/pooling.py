"""Pooling over windows, and over all there is."""

from __future__ import annotations

from k2to3.keras3.layers.facts import LayerFacts, Rows, Takes, Use, computed, drops, kept
from k2to3.keras3.layers.space import conv_extent, join, pair, split
from k2to3.keras3.types import Shape


def pooled(use: Use) -> list[Shape]:
    space, channels = split(use.layer, use.shape)
    size = pair(use.config["pool_size"], len(space))
    strides = pair(use.config.get("strides") or size, len(space))
    padding = use.config.get("padding", "valid")
    found = [conv_extent(n, k, s, 1, padding) for n, k, s in zip(space, size, strides, strict=True)]
    return [join(use.layer, use.shape[0], found, channels)]


def globally_pooled(use: Use) -> list[Shape]:
    space, channels = split(use.layer, use.shape)
    if use.config.get("keepdims"):
        return [join(use.layer, use.shape[0], [1] * len(space), channels)]
    return [(use.shape[0], channels)]


AVERAGE = LayerFacts(outputs=pooled, dtype=computed, mask=drops)
MAXIMUM = LayerFacts(outputs=pooled, dtype=kept, mask=drops)
GLOBAL_AVERAGE = LayerFacts(outputs=globally_pooled, dtype=computed, mask=drops)
GLOBAL_MAXIMUM = LayerFacts(outputs=globally_pooled, dtype=kept, mask=drops)

ROWS: Rows = {
    "AveragePooling1D": AVERAGE,
    "AveragePooling2D": AVERAGE,
    "AveragePooling3D": AVERAGE,
    "MaxPooling1D": LayerFacts(outputs=pooled, dtype=kept, mask=drops, without_integers=("torch",)),
    "MaxPooling2D": MAXIMUM,
    "MaxPooling3D": MAXIMUM,
    "GlobalAveragePooling1D": LayerFacts(outputs=globally_pooled, dtype=computed, mask=drops, takes=Takes.FIRST),
    "GlobalAveragePooling2D": GLOBAL_AVERAGE,
    "GlobalAveragePooling3D": GLOBAL_AVERAGE,
    "GlobalMaxPooling1D": GLOBAL_MAXIMUM,
    "GlobalMaxPooling2D": GLOBAL_MAXIMUM,
    "GlobalMaxPooling3D": GLOBAL_MAXIMUM,
}
