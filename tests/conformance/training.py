"""Ten further training steps against the recorded continuation of the authoring Keras.

    python -m tests.conformance.training FOLDER [--only WORD] [--backend jax]

FOLDER holds one folder per Keras, each written by `fixtures/authoring/training.py` there.
Prints one row per checkpoint: the largest relative error of the losses, of the weights and
of the optimizer's state after ten steps, and, where the plan says that training differs, why.
Exits with 1 when a row is neither equal nor explained.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import k2to3
import numpy as np
from k2to3.plan import make_plan
from k2to3.source.h5 import read_checkpoint
from k2to3.target.reading import open_weights
from k2to3.training.record import Training

STEPS = 10
TOLERANCE = 1e-5
Arrays = dict[str, np.ndarray]


@dataclass
class Row:
    """One checkpoint: errors by what was compared, and what the plan said beforehand."""

    name: str
    errors: dict[str, float] = field(default_factory=dict)
    explained: list[str] = field(default_factory=list)
    moving: float = 0.0
    again: float = 0.0
    """How far Keras 2 itself is off its continuation after loading its own file."""

    @property
    def worst(self) -> float:
        return max(self.errors.values(), default=float("inf"))

    @property
    def status(self) -> str:
        if self.worst <= TOLERANCE:
            return "equal"
        if self.explained:
            return "explained"
        return "unrepeatable" if self.again > TOLERANCE else "WRONG"


def continue_training(source: Path, folder: Path, min_keras: str | None) -> Row:
    """Convert `source`, train ten steps in Keras 3, compare with what lies beside it."""
    import keras

    keras.backend.clear_session()
    archive = folder / "new.keras"
    k2to3.convert(source, archive, verify="weights", overwrite=True, min_keras=min_keras)
    with read_checkpoint(source) as checkpoint:
        training = make_plan(checkpoint, min_keras=min_keras).training
    row = Row(f"{source.parent.name}/{source.stem}", explained=[*training.differs, *training.close])
    if training.compile_config is None:
        row.explained.append("not compiled: see the findings")
        return row
    with warnings.catch_warnings():
        if training.variables:
            # A count of variables that does not fit is only a warning to Keras.
            warnings.simplefilter("error")
        model = keras.saving.load_model(archive)
    with np.load(source.with_suffix(".npz")) as record:
        found = dict(record)
    row.again = error(found["losses"], found["again"]) if "again" in found else 0.0
    losses = []
    for step in range(STEPS):
        losses.append(float(np.ravel(model.train_on_batch(found["x"][step], found["y"][step]))[0]))
        if step + 1 in (1, STEPS):
            model.save(folder / "after.keras")
            compare(row, f"w{step + 1}", source, folder, found, training, min_keras)
    # From 3.4 on `train_on_batch` returns the running mean of the losses since the last reset.
    row.errors["losses"] = min(error(found["losses"], values) for values in (losses, unaveraged(losses)))
    return row


def unaveraged(losses: list[float]) -> list[float]:
    sums = np.arange(1, len(losses) + 1) * np.array(losses)
    return list(np.diff(sums, prepend=0.0))


def compare(
    row: Row, key: str, source: Path, folder: Path, found: Arrays, training: Training, min_keras: str | None
) -> None:
    part = {name.removeprefix(f"{key}/"): value for name, value in found.items() if name.startswith(f"{key}/")}
    expected = as_keras3(source, folder, part, min_keras)
    have = variables(folder / "after.keras")
    for path, want in expected.items():
        kind = "state" if path.startswith("optimizer") else "weights"
        if path == "optimizer/vars/0" and not kept_steps(source):
            continue
        if path in moving(folder / "expected.keras", training):
            row.moving = max(row.moving, error(want, have[path]))
            continue
        row.errors[kind] = max(row.errors.get(kind, 0.0), error(want, have[path]))
    if not training.variables and not training.differs:
        row.explained.append("no optimizer state")


def as_keras3(source: Path, folder: Path, arrays: Arrays, min_keras: str | None) -> Arrays:
    """What the archive of the checkpoint would hold, had it been saved with these arrays."""
    copy = folder / "expected.h5"
    shutil.copy(source, copy)
    with h5py.File(copy, "r+") as file:
        for name, value in arrays.items():
            file[name][...] = value
    k2to3.convert(copy, folder / "expected.keras", verify="weights", overwrite=True, min_keras=min_keras)
    return variables(folder / "expected.keras")


def variables(archive: Path) -> Arrays:
    found: Arrays = {}
    with open_weights(archive) as root:
        root.visititems(lambda n, i: found.__setitem__(n, i[()]) if isinstance(i, h5py.Dataset) else None)
    return found


def kept_steps(source: Path) -> bool:
    """Whether the file holds the number of steps at all."""
    with read_checkpoint(source) as checkpoint:
        return any("iter" in t.name or t.shape == () for t in checkpoint.optimizer_weights())


def moving(archive: Path, training: Training) -> set[str]:
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


def rows(folder: Path, only: str, min_keras: str | None) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as name:
        for source in sorted(folder.glob("*/*.h5")):
            if only in str(source) and source.with_suffix(".npz").exists():
                yield continue_training(source, Path(name), min_keras)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="checkpoints whose path holds this")
    parser.add_argument("--min-keras", help="as of `k2to3 convert`; 3.10 carries Nadam")
    parser.add_argument("--backend", default="tensorflow", choices=("tensorflow", "jax", "torch"))
    arguments = parser.parse_args()
    os.environ.update(KERAS_BACKEND=arguments.backend, CUDA_VISIBLE_DEVICES="", TF_CPP_MIN_LOG_LEVEL="3")
    counts: dict[str, int] = {}
    for row in rows(arguments.folder, arguments.only, arguments.min_keras):
        counts[row.status] = counts.get(row.status, 0) + 1
        numbers = "  ".join(f"{kind} {value:.1e}" for kind, value in sorted(row.errors.items()))
        extra = f"  moving variance {row.moving:.1e}" if row.moving else ""
        why = f"  | {'; '.join(dict.fromkeys(row.explained))}" if row.status != "equal" else ""
        again = f"  Keras 2 after loading {row.again:.1e}" if row.again > TOLERANCE else ""
        print(f"{row.name:44s} {row.status:12s} {numbers}{extra}{again}{why}", flush=True)
    print("  ".join(f"{status}: {count}" for status, count in sorted(counts.items())))
    return 1 if counts.get("WRONG") else 0


if __name__ == "__main__":
    sys.exit(main())
