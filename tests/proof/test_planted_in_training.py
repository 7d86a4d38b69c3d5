"""Level `training` refutes another loss and another rate, of Keras 2.2.4 too, whose own steps did not repeat."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import h5py
import k2to3
import pytest
from conftest import FIXTURES
from k2to3.engine.plan import make_plan
from k2to3.options.records import Options, ProofOptions
from k2to3.proof.handover import handed_over
from k2to3.proof.outputs import make_job
from k2to3.proof.training import excused, other_rate
from k2to3.report.record import Report
from k2to3.sources.read import read_checkpoint
from planting import Change, Json, plant
from test_teeth import ask

SOURCE = FIXTURES / "keras-2.2.4__trained.h5"
TOKENS = FIXTURES / "training" / "keras_2.2.4_theano" / "tokens_sgd_momentum.h5"


def smoothed(config: Json, weights: h5py.File, report: Report) -> None:
    config["compile_config"]["loss"]["config"]["label_smoothing"] = 0.05


def steps_go_by(config: Json, weights: h5py.File, report: Report) -> None:
    weights["optimizer/vars/1"][...] *= 1.01


def says(config: Json, weights: h5py.File, report: Report) -> None:
    config["compile_config"]["optimizer"]["config"]["learning_rate"] *= 1.01


FAULTS: dict[str, tuple[Change | None, str | None]] = {
    "none": (None, None),
    "loss": (smoothed, "training, losses after step 1"),
    "rate of the steps": (steps_go_by, "training, "),
    "rate in the config": (says, "training: the archive's config says a learning rate of 0.00101"),
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: Any) -> dict[str, Json]:
    folder: Path = tmp_path_factory.mktemp("training")
    with ExitStack() as stack:
        jobs = [job(SOURCE, change, folder / f"{name}.keras", stack) for name, (change, _) in FAULTS.items()]
        jobs.append(job(TOKENS, None, folder / "tokens.keras", stack))
        return dict(zip([*FAULTS, "tokens"], ask(jobs), strict=True))


def job(source: Path, change: Change | None, archive: Path, stack: ExitStack) -> Json:
    """The proof of a conversion with a fault planted in it."""
    report = k2to3.convert(source, archive, verify="weights")
    if change is not None:
        faulty = archive.with_stem(f"faulty {archive.stem}")
        plant(archive, faulty, report, change)
        archive = faulty
    checkpoint = stack.enter_context(read_checkpoint(source))
    arrays = stack.enter_context(handed_over(checkpoint, optimizer=True))
    return make_job(checkpoint, make_plan(checkpoint), archive, Options(proof=ProofOptions("training")), arrays)


@pytest.mark.keras
def test_the_judge_moves_the_rows_of_absent_tokens_as_standalone_keras_did(answers: dict[str, Json]) -> None:
    assert answers["tokens"]["mismatch"] is None
    assert answers["tokens"]["evidence"]["not_proved"] == []


@pytest.mark.keras
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_training_is_found(answers: dict[str, Json], name: str) -> None:
    expected, found = FAULTS[name][1], answers[name]
    assert found["evidence"]["not_proved"] == []
    assert (found["mismatch"] is None) if expected is None else found["mismatch"].startswith(expected)


PLAIN = {"optimizer_config": {"class_name": "RMSprop", "config": {"lr": 0.1}}}
FIXED = {"optimizer_config": {"class_name": "LossScaleOptimizer", "config": {"dynamic": False, "initial_scale": 8}}}


@pytest.mark.parametrize(
    ("config", "wrong", "expected"),
    [
        (PLAIN, [("losses", 1, 1e-4)], False),
        (PLAIN, [("losses", 10, 1e-4), ("weights", 10, 0.3)], True),
        (PLAIN, [("losses", 10, 0.03)], False),
        (FIXED, [("losses", 10, 0.03)], True),
        (FIXED, [("losses", 1, 1e-4)], False),
    ],
)
def test_what_a_reason_to_be_close_excuses(config: Json, wrong: list[tuple[str, int, float]], expected: bool) -> None:
    entries = [{"what": what, "step": step, "max_error": 2 * gap, "scale": 2.0} for what, step, gap in wrong]
    assert excused(entries, config) is expected


def test_the_rate_of_a_loss_scale_is_that_of_the_optimizer_inside() -> None:
    scaled = {"class_name": "LossScaleOptimizer", "config": {"inner_optimizer": PLAIN["optimizer_config"]}}
    for written, told in ((0.1, None), (0.1001, "training: the archive's config says a learning rate of 0.1001")):
        inner = {"class_name": "RMSprop", "config": {"learning_rate": written}}
        archive = {"compile_config": {"optimizer": {"class_name": "x", "config": {"inner_optimizer": inner}}}}
        found = other_rate({"training": {"config": {"optimizer_config": scaled}}, "archive_config": archive})
        assert found is None if told is None else found is not None and found.startswith(told)
