"""Optimizer state of `.keras` archives: numbered arrays, matched by the order tf-keras built them in."""

from __future__ import annotations

import h5py
import k2to3
import pytest
from conftest import FIXTURES
from k2to3.engine.plan import make_plan
from k2to3.errors import UsageError
from k2to3.sources.read import read_checkpoint

FOLDER = FIXTURES / "formats"
FILES = sorted(path.name for path in FOLDER.glob("*_opt_*.keras"))
# Per trained weight (a kernel and a bias of each of two layers), in Keras 3's order.
SLOTS = {
    "adam": ["average"] * 4 + ["m", "v"] * 4 + ["vhat"] * 4,
    "sgd": [],
    "rmsprop": ["velocity"] * 4 + ["momentum"] * 4 + ["average_gradient"] * 4,
    "ftrl": ["accumulator", "linear"] * 4,
    "adadelta": ["accumulated_grad", "accumulated_delta_var"] * 4,
}


@pytest.mark.parametrize("name", FILES)
def test_every_array_has_its_place(name):
    with read_checkpoint(FOLDER / name) as checkpoint:
        plan = make_plan(checkpoint)
        (group,) = [group for group in plan.groups if group.path == "optimizer"]
        found = [str(expression).split("/")[1] for expression in group.variables if "/" in str(expression)]
        assert found == SLOTS[name.split("_opt_")[1].removesuffix(".keras")]


def test_state_that_does_not_fit_starts_afresh(tmp_path):
    """One array too few: said so, never shifted."""
    from k2to3.sources.checkpoint import Checkpoint
    from k2to3.training.numbered import named_by_path
    from k2to3.training.schedules import Unsupported

    with read_checkpoint(FOLDER / "k215_opt_adam.keras") as checkpoint:
        assert isinstance(checkpoint, Checkpoint)
        arrays = checkpoint.optimizer_weights()
        weights = [tensor for path in ("layers/dense_1", "layers/dense_2") for tensor in checkpoint.weights[path]]
        config = {"amsgrad": True, "use_ema": True}
        assert len(named_by_path("Adam", config, arrays, weights)) == len(arrays) == 17
        for wrong in (arrays[:-1], arrays[1:], arrays[:9]):
            with pytest.raises(Unsupported):
                named_by_path("Adam", config, wrong, weights)


def test_weights_file_says_what_it_leaves_out():
    report = k2to3.plan(FOLDER / "k212_cells.weights.h5", architecture=FOLDER / "k212_cells.arch.json")
    said = "Unrecognized keyword arguments passed to SimpleRNN: {'time_major': False}"
    assert [finding.text for finding in report.findings if finding.kind == "dropped"] == [
        "the optimizer: the file does not say which it is",
        f"'time_major', which Keras 3 refuses: {said}",
    ]


def test_other_forms_carry_no_optimizer(tmp_path):
    k2to3.convert(FOLDER / "k215_opt_adam.keras", tmp_path / "new.weights.h5", verify="weights")
    with h5py.File(tmp_path / "new.weights.h5") as file:
        assert "optimizer" not in file
    with pytest.raises(UsageError):
        k2to3.convert(FOLDER / "k215_opt_adam.keras", tmp_path / "new.safetensors", verify="training")


@pytest.mark.keras
@pytest.mark.parametrize("name", ["k212_opt_adam.keras", "k215_opt_rmsprop.keras"])
def test_ten_steps_as_tf_keras_goes_on(tmp_path, name):
    report = k2to3.convert(FOLDER / name, tmp_path / "new.keras", verify="training")
    assert report.status == "proved" and report.evidence.training
