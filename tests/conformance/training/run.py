"""Convert one checkpoint, train ten steps in Keras 3, compare with what lies beside it."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import k2to3
import numpy as np
from k2to3.engine.plan import make_plan
from k2to3.sources.read import read_checkpoint
from k2to3.training.record import Training
from k2to3.weights import Constant

from tests.conformance.training.arrays import Arrays, as_keras3, error, kept_steps, named_moving, variables
from tests.conformance.training.controls import Control, control_for
from tests.conformance.training.row import TOLERANCE, Row

STEPS = 10


def continue_training(source: Path, folder: Path, min_keras: str | None) -> Row:
    """One row of the table."""
    with read_checkpoint(source) as checkpoint:
        training = make_plan(checkpoint, min_keras=min_keras).training
    row = Row(
        source.parent.name, source.stem, differs=list(training.differs), close=[*training.close, *training.unsteady]
    )
    if training.compile_config is None:
        row.differs.append("not compiled: see the findings")
        return row
    with np.load(source.with_suffix(".npz")) as record:
        found = dict(record)
    row.again_failed = str(found.get("again_failed", ""))
    run = Run(source, folder, found, training, min_keras)
    losses = run.train(Control())
    row.errors = run.compare("w1", "w10", losses, "losses")
    _moving(row, run)
    if any(name.startswith("again10/") for name in found):
        row.forgets, row.forgets_moving = _apart(found)
        row.again = run.compare("", "again10", losses, "again")
    if row.worst > TOLERANCE and (control := control_for(source, folder, training, min_keras)):
        run = Run(source, folder, found, training, control.min_keras or min_keras)
        row.controlled, losses = control.label, run.train(control)
        target = ("", "again10", losses, "again") if row.reloaded else ("w1", "w10", losses, "losses")
        row.control = run.compare(*target)
    return row


class Run:
    """Ten steps in Keras 3; the archives after the first and the tenth stay in the folder."""

    def __init__(self, source: Path, folder: Path, found: Arrays, training: Training, min_keras: str | None) -> None:
        self.source, self.folder, self.found = source, folder, found
        self.training, self.min_keras = training, min_keras
        self.have: dict[int, Arrays] = {}
        self.expected: Arrays = {}

    def train(self, control: Control) -> list[float]:
        import keras

        keras.backend.clear_session()
        archive = self.folder / "new.keras"
        k2to3.convert(self.source, archive, verify="weights", overwrite=True, min_keras=self.min_keras)
        with warnings.catch_warnings():
            if self.training.variables:
                # A count of variables that does not fit is only a warning to Keras.
                warnings.simplefilter("error")
            model = keras.saving.load_model(archive)
        control.prepare(model)
        losses = []
        for step, (x, y) in enumerate(zip(self.found["x"], self.found["y"], strict=True), start=1):
            control.before(model)
            losses.append(float(np.ravel(model.train_on_batch(x, y))[0]))
            control.after(model, x)
            if step in (1, STEPS):
                model.save(self.folder / "after.keras")
                self.have[step] = variables(self.folder / "after.keras")
        return losses

    def compare(self, first: str, last: str, losses: Sequence[float], key: str) -> dict[str, float]:
        errors: dict[str, float] = {}
        for step, prefix in ((1, first), (STEPS, last)):
            if prefix:
                self._arrays(prefix, self.have[step], errors)
        # From 3.4 on `train_on_batch` returns the running mean of the losses since the last reset.
        errors["losses"] = min(error(self.found[key], values) for values in (losses, unaveraged(losses)))
        return errors

    def _arrays(self, prefix: str, have: Arrays, errors: dict[str, float]) -> None:
        part = {name.split("/", 1)[1]: value for name, value in self.found.items() if name.startswith(f"{prefix}/")}
        self.expected = as_keras3(self.source, self.folder, part, self.min_keras)
        apart = named_moving(self.folder / "expected.keras", self.training)
        unstored = {
            f"optimizer/vars/{index}"
            for index, variable in enumerate(self.training.variables)
            if isinstance(variable, Constant) or (index == 0 and not kept_steps(self.source))
        }
        for path, want in self.expected.items():
            if path in apart or path in unstored:
                continue
            kind = "state" if path.startswith("optimizer") else "weights"
            errors[kind] = max(errors.get(kind, 0.0), error(want, have[path]))


def _moving(row: Row, run: Run) -> None:
    """How far the moving statistics are off that the plan names, and by what factor of their change."""
    names = named_moving(run.folder / "expected.keras", run.training)
    before = variables(run.folder / "new.keras")
    for path in names:
        row.moving = max(row.moving, error(run.expected[path], run.have[STEPS][path]))
        if path.endswith("/3"):
            kept = before[path] * np.float32(0.9) ** STEPS
            ratios = (run.expected[path] - kept) / (run.have[STEPS][path] - kept)
            row.variance_ratio = float(np.median(ratios))


def _apart(found: Arrays) -> tuple[float, float]:
    """How far Keras 2 is off its own continuation after loading its own file; moving statistics apart."""
    worst, moving = error(found["losses"], found["again"]), 0.0
    for name, value in found.items():
        if name.startswith("w10/model_weights"):
            gap = error(value, found["again10/" + name.split("/", 1)[1]])
            worst, moving = (worst, max(moving, gap)) if "/moving_" in name else (max(worst, gap), moving)
    return worst, moving


def unaveraged(losses: Sequence[float]) -> list[float]:
    sums = np.arange(1, len(losses) + 1) * np.array(losses)
    return list(np.diff(sums, prepend=0.0))
