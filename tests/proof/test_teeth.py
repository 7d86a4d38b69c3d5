"""A verifier that cannot fail proves nothing: faults planted in archives are found, each at its level."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import k2to3
import pytest
from conftest import FIXTURES, ROOT
from k2to3.archive.forms.keras import KERAS
from k2to3.archive.output import Output
from k2to3.cli.main import main
from k2to3.engine.plan import make_plan
from k2to3.errors import NotEqual
from k2to3.options.records import Options, ProofOptions
from k2to3.proof.handover import handed_over
from k2to3.proof.outputs import make_job
from k2to3.proof.weights import prove_weights
from k2to3.sources.read import read_checkpoint
from planting import gates, next_float, plant, setting, swap, value

# What is planted, where, and the levels that must notice.
FAULTS = {
    "one bit of a table": ("merged_masks", value("a", 0, next_float), {"weights", "embedding"}),
    "two tables swapped": ("merged_masks", swap("a", "b"), {"weights", "embedding", "outputs"}),
    "one weight perturbed": ("text_lstm", value("dense", 0, next_float), {"weights"}),
    "two kernels swapped": ("shared_nested", swap("twice", "inner_out"), {"weights", "outputs"}),
    "kernel transposed": ("shared_nested", value("twice", 0, lambda k: k.T), {"weights", "outputs"}),
    "gates swapped": ("text_lstm", value("lstm", 0, gates(3)), {"weights", "outputs"}),
    "bias lost": ("text_lstm", value("dense", 1, lambda b: 0 * b), {"weights", "outputs"}),
    "hard_sigmoid not folded": ("hard_sigmoid", value("lstm", 0, lambda k: k / 1.2), {"weights", "outputs"}),
    "variance for mean": ("cnn", value("batch_normalization", 2, lambda m: abs(m) + 1), {"weights", "outputs"}),
    "mask dropped": ("text_lstm", setting("embedding", "mask_zero", False), {"embedding", "outputs"}),
    "activation": ("text_lstm", setting("dense", "activation", "sigmoid"), {"outputs"}),
    "hard_sigmoid as written": ("text_lstm", setting("lstm", "recurrent_activation", "hard_sigmoid"), {"outputs"}),
    "epsilon": ("cnn", setting("batch_normalization", "epsilon", 1e-5), {"outputs"}),
    "padding": ("conv1d_causal", setting("conv1d", "padding", "same"), {"outputs"}),
    "merge": ("shared_nested", setting("add", "class_name", "Maximum"), {"outputs"}),
}
LEVELS = ("embedding", "outputs")


class Planted:
    """All faults, planted; what the worker levels say about each."""

    def __init__(self, folder: Path) -> None:
        self.weights: dict[str, bool] = {}
        with ExitStack() as stack:
            answers = ask([job for name in FAULTS for job in self._jobs(name, folder, stack)])
        told = [answer["mismatch"] for answer in answers]
        self.worker = dict(zip([(name, level) for name in FAULTS for level in LEVELS], told, strict=True))

    def _jobs(self, name: str, folder: Path, stack: ExitStack) -> list[dict]:
        model, change, _ = FAULTS[name]
        source = FIXTURES / f"tf-2.4__{model}.h5"
        good, bad = folder / f"{name} good.keras", folder / f"{name}.keras"
        report = k2to3.convert(source, good, verify="weights")
        plant(good, bad, report, change)
        checkpoint = stack.enter_context(read_checkpoint(source, None))
        plan = make_plan(checkpoint)
        try:
            prove_weights(plan.groups, Output(KERAS, {bad.name: bad}, bad.name, bad, own=False))
            self.weights[name] = False
        except NotEqual:
            self.weights[name] = True
        arrays = stack.enter_context(handed_over(checkpoint, optimizer=False))
        return [make_job(checkpoint, plan, bad, Options(proof=ProofOptions(level)), arrays) for level in LEVELS]


def ask(jobs: list[dict]) -> list[dict]:
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("worker.py"))],
        input=json.dumps(jobs),
        env={**os.environ, "PYTHONPATH": str(ROOT / "converter")},
        capture_output=True,
        text=True,
        check=False,
        pass_fds=sorted({file for job in jobs for file in job["files"]}),
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: list[dict] = json.loads(done.stdout.strip().rsplit("\n", 1)[-1])
    return found


@pytest.fixture(scope="module")
def planted(tmp_path_factory) -> Planted:
    return Planted(tmp_path_factory.mktemp("planted"))


@pytest.mark.keras
@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_found_at_its_level(planted, name):
    expected = FAULTS[name][2]
    assert planted.weights[name] == ("weights" in expected)
    # The worker's levels see the archive as it runs, whatever the weights level would have said.
    assert bool(planted.worker[name, "embedding"]) == ("embedding" in expected)
    assert bool(planted.worker[name, "outputs"]) == bool(expected & {"embedding", "outputs"})


# Who is guilty, where the model's outputs are the first to differ.
GUILTY = {
    "two kernels swapped": ("twice", "inner_out"),
    "kernel transposed": ("twice",),
    "gates swapped": ("lstm",),
    "bias lost": ("dense",),
    "hard_sigmoid not folded": ("lstm",),
    "variance for mean": ("batch_normalization",),
    "activation": ("dense",),
    "hard_sigmoid as written": ("lstm",),
    "epsilon": ("batch_normalization",),
    "padding": ("conv1d",),
    "merge": ("add",),
}


@pytest.mark.keras
@pytest.mark.parametrize("name", GUILTY)
def test_the_guilty_layer_is_named(planted, name):
    told = planted.worker[name, "outputs"]
    assert any(re.search(rf"first differs at layer '(inner/|inner:1/)?{layer}[':]", told) for layer in GUILTY[name]), (
        told
    )


@pytest.mark.keras
def test_verify_says_which_layer_and_exits_with_5(capsys, tmp_path):
    source = FIXTURES / "tf-2.4__text_lstm.h5"
    report = k2to3.convert(source, tmp_path / "good.keras", verify="none")
    plant(tmp_path / "good.keras", tmp_path / "bad.keras", report, setting("embedding", "mask_zero", False))
    assert main(["verify", str(source), str(tmp_path / "bad.keras")]) == 5
    error = capsys.readouterr().err
    assert "Embedding 'embedding'" in error and "mask" in error and error.count("\n") == 1


def test_verify_without_a_framework_finds_a_perturbed_weight(capsys, tmp_path):
    source = FIXTURES / "tf-2.4__text_lstm.h5"
    report = k2to3.convert(source, tmp_path / "good.keras", verify="none")
    plant(tmp_path / "good.keras", tmp_path / "bad.keras", report, value("dense", 0, next_float))
    assert main(["verify", str(source), str(tmp_path / "good.keras"), "--verify", "weights"]) == 0
    assert main(["verify", str(source), str(tmp_path / "bad.keras"), "--verify", "weights"]) == 5
    assert "layer 'dense'" in capsys.readouterr().err
