"""All attacks."""

from __future__ import annotations

from attacks import (
    archives,
    hdf5_bytes,
    hdf5_structure,
    inputs,
    layers,
    objects,
    references,
    saved_models,
    texts,
    training,
    zips,
)
from attacks.attack import Attack

ATTACKS: list[Attack] = [
    *hdf5_bytes.ATTACKS,
    *archives.ATTACKS,
    *layers.ATTACKS,
    *training.ATTACKS,
    *references.ATTACKS,
    *texts.ATTACKS,
    *inputs.ATTACKS,
    *zips.ATTACKS,
    *hdf5_structure.ATTACKS,
    *objects.ATTACKS,
    *saved_models.ATTACKS,
]
