"""Recorded arrays of Keras 2 as the archive would hold them, and their comparison."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import h5py
import k2to3
import numpy as np
from k2to3.archive.reading import open_weights
from k2to3.sources.read import read_checkpoint
from k2to3.training.record import Training

Arrays = dict[str, np.ndarray]


def as_keras3(source: Path, folder: Path, arrays: Arrays, min_keras: str | None) -> Arrays:
    """What the archive of the checkpoint would hold, had it been saved with these arrays."""
    copy = folder / "expected.h5"
    shutil.copy(source, copy)
    with h5py.File(copy, "r+") as file:
        for name, value in arrays.items():
            _dataset(file, name)[...] = value
    k2to3.convert(copy, folder / "expected.keras", verify="weights", overwrite=True, min_keras=min_keras)
    return variables(folder / "expected.keras")


def _dataset(file: h5py.File, name: str) -> h5py.Dataset:
    """That of this name; a loaded optimizer of TensorFlow 2 leaves its own name out of those of its arrays."""
    if name in file:
        return file[name]
    found: list[str] = []
    tail = "/" + name.removeprefix("optimizer_weights/")
    file["optimizer_weights"].visit(lambda n: found.append(n) if n.endswith(tail) else None)
    (only,) = found
    return file["optimizer_weights"][only]


def variables(archive: Path) -> Arrays:
    found: Arrays = {}
    with open_weights(archive) as root:
        root.visititems(lambda n, i: found.__setitem__(n, i[()]) if isinstance(i, h5py.Dataset) else None)
    return found


def kept_steps(source: Path) -> bool:
    """Whether the file holds the number of steps at all."""
    with read_checkpoint(source) as checkpoint:
        return any("iter" in t.name or t.shape == () for t in checkpoint.optimizer_weights())


def named_moving(archive: Path, training: Training) -> set[str]:
    """The moving statistics that the plan says differ."""
    found = set()

    def visit(name: str, item: Any) -> None:
        layer = item.attrs.get("name")
        if layer in training.moving:
            found.add(f"{name}/3")
        if layer in training.debiased:
            found.add(f"{name}/2")

    with open_weights(archive) as root:
        root.visititems(visit)
    return found


def error(want: Any, have: Any) -> float:
    """Largest difference relative to the largest reference value."""
    a, b = np.asarray(want, dtype="float64"), np.asarray(have, dtype="float64")
    if a.shape != b.shape or not np.isfinite(b).all():
        return float("inf")
    scale = float(np.abs(a).max(initial=0.0)) or 1.0
    # A lone number that went to zero (Nadam's product) has no relative error.
    scale = max(scale, 1.0) if a.shape == () else scale
    return float(np.abs(a - b).max(initial=0.0)) / scale
