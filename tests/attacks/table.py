"""All attacks."""

from __future__ import annotations

from attacks import hdf5_bytes, hdf5_structure, objects, zips
from attacks.attack import Attack

ATTACKS: list[Attack] = [*hdf5_bytes.ATTACKS, *zips.ATTACKS, *hdf5_structure.ATTACKS, *objects.ATTACKS]
