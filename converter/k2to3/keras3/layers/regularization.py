"""Layers that only act while training."""

from __future__ import annotations

from k2to3.keras3.layers.facts import LayerFacts, Rows, kept, passes, same

NOISE = LayerFacts(outputs=same, dtype=kept, mask=passes)
SPATIAL = LayerFacts(outputs=same, dtype=kept, mask=passes, takes_trainable=False)

ROWS: Rows = {
    "ActivityRegularization": NOISE,
    "AlphaDropout": NOISE,
    "Dropout": NOISE,
    "GaussianDropout": NOISE,
    "GaussianNoise": NOISE,
    "SpatialDropout1D": SPATIAL,
    "SpatialDropout2D": SPATIAL,
    "SpatialDropout3D": SPATIAL,
}
