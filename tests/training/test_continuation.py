"""Genuine checkpoints go on training in Keras 3 as the Keras that wrote them did."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import h5py
import k2to3
import numpy as np
import pytest
from k2to3.archive.reading import open_weights
from k2to3.engine.plan import make_plan
from k2to3.sources.read import read_checkpoint

from tests.conftest import FIXTURES, ROOT

TRAINING = FIXTURES / "training"
SOURCES = sorted(TRAINING.glob("*/*.h5"))
ADAM = TRAINING / "keras_2.2.4_theano" / "plain_adam.h5"


@pytest.mark.keras
def test_ten_steps() -> None:
    command = [sys.executable, "-m", "tests.conformance.training", str(TRAINING)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(Path(k2to3.__file__).parents[1])])}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    rows = [line.split() for line in done.stdout.splitlines() if line.startswith(("keras_", "tf_"))]
    assert len(rows) == len(SOURCES), done.stderr[-2000:]
    assert [row[0] for row in rows if row[1] != "equal"] == []


@pytest.mark.keras
def test_the_proof_finds_a_wrong_optimizer(tmp_path: Path) -> None:
    """Level `training` refutes an archive whose first moments are off by half."""
    source, target = TRAINING / "tf_keras_2.21" / "tokens_adam.h5", tmp_path / "new.keras"
    assert k2to3.convert(source, target, verify="training").evidence.training  # type: ignore[union-attr]
    copy = tmp_path / "other.h5"
    copy.write_bytes(source.read_bytes())
    with h5py.File(copy, "r+") as file:
        group = file["optimizer_weights"]
        for name in group.attrs["weight_names"]:
            text = name.decode() if isinstance(name, bytes) else name
            if text.startswith("Adam/m/"):
                group[text][...] *= 0.5
    k2to3.convert(copy, tmp_path / "other.keras", verify="weights")
    from k2to3.options.records import Options, ProofOptions
    from k2to3.proof.outputs import prove_outputs

    with read_checkpoint(source) as checkpoint, pytest.raises(k2to3.NotEqual, match="training"):
        prove_outputs(
            checkpoint, make_plan(checkpoint), tmp_path / "other.keras", Options(proof=ProofOptions("training"))
        )


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_without_a_framework(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "new.keras"
    report = k2to3.convert(source, target, verify="weights")
    assert report.status == "proved"
    with zipfile.ZipFile(target) as archive:
        compiled = json.loads(archive.read("config.json"))["compile_config"]
    assert compiled["loss"]["class_name"].endswith("CategoricalCrossentropy")
    assert len(compiled["metrics"]) == 1
    with open_weights(target) as root:
        # A LossScaleOptimizer has four variables of its own before those of the optimizer inside.
        assert int(root[f"optimizer/vars/{4 if 'scaled' in source.stem else 0}"][()]) == 3
    k2to3.convert(source, tmp_path / "bare.keras", verify="weights", compile=False)
    with zipfile.ZipFile(tmp_path / "bare.keras") as archive:
        assert "compile_config" not in json.loads(archive.read("config.json"))
    with open_weights(tmp_path / "bare.keras") as root:
        assert "optimizer" not in root
    assert k2to3.verify(source, tmp_path / "bare.keras", verify="weights").status == "proved"


def test_a_damaged_optimizer_is_a_finding(tmp_path: Path) -> None:
    copy = tmp_path / "old.h5"
    copy.write_bytes(ADAM.read_bytes())
    with h5py.File(copy, "r+") as file:
        names = file["optimizer_weights"].attrs["weight_names"]
        del file["optimizer_weights"].attrs["weight_names"]
        file["optimizer_weights"].attrs["weight_names"] = names[:-9]
    report = k2to3.convert(copy, tmp_path / "new.keras", verify="weights")
    assert report.status == "proved"
    assert any("starts afresh" in finding.text for finding in report.findings)
    with open_weights(tmp_path / "new.keras") as root:
        assert "optimizer" not in root


def test_folded_gates_scale_their_arrays(tmp_path: Path) -> None:
    """With 1.2 in a gate's weights, gradients are 1/1.2 and their squares 1/1.44."""
    copy = tmp_path / "old.h5"
    copy.write_bytes(ADAM.read_bytes())
    with h5py.File(copy, "r+") as file:
        text = file.attrs["model_config"]
        text = text.decode() if isinstance(text, bytes) else text
        file.attrs["model_config"] = text.replace(
            '"recurrent_activation": "sigmoid"', '"recurrent_activation": "hard_sigmoid"'
        )
        group = file["optimizer_weights"]
        first = [group[group.attrs["weight_names"][index]][()] for index in (1, 8)]
    report = k2to3.convert(copy, tmp_path / "new.keras", verify="weights")
    assert any("1/1.2 of the learning rate" in finding.text for finding in report.findings)
    gates = np.array([1.2] * 6 + [1.0] * 3 + [1.2] * 3)
    with open_weights(tmp_path / "new.keras") as root:
        np.testing.assert_allclose(root["optimizer/vars/2"][()], first[0] / gates, rtol=1e-6)
        np.testing.assert_allclose(root["optimizer/vars/3"][()], first[1] / gates**2, rtol=1e-6)


@pytest.mark.keras
def test_volumes_are_normalized_in_one_kernel_too(tmp_path: Path) -> None:
    """TensorFlow multiplies the variance of images by N/(N-1), from 2.6 on of volumes too."""
    import tf_keras

    inputs = tf_keras.Input((4, 4, 4, 2))
    seen = tf_keras.layers.BatchNormalization()(tf_keras.layers.Conv3D(3, 2)(inputs))
    model = tf_keras.Model(inputs, tf_keras.layers.Dense(2)(tf_keras.layers.GlobalAveragePooling3D()(seen)))
    model.compile("sgd", "mse")
    values = np.random.default_rng(0)
    model.fit(values.random((8, 4, 4, 4, 2)), values.random((8, 2)), verbose=0)
    model.save(tmp_path / "old.h5")
    report = k2to3.convert(tmp_path / "old.h5", tmp_path / "new.keras", verify="training")
    assert report.ok and any("N/(N-1)" in finding.text for finding in report.findings)


def trained(weights: dict[str, np.ndarray]) -> dict[str, object]:
    return {"losses": [1.0] * 10, "weights": {1: weights, 10: weights}}


def test_a_variance_that_no_kernel_explains() -> None:
    from k2to3.proof import training

    path = "layers/batch_normalization/vars/3"
    job = {"tolerance": 1e-5}
    want = trained({path: np.ones(3), "other": np.ones(3)})
    for value, equal in ((0.875, True), (0.4, False)):
        have = trained({path: np.full(3, value), "other": np.ones(3)})
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(training, "_reference", lambda *_, **__: trained({path: np.ones(3), "other": np.ones(3)}))
            found = list(training._differences(job, want, have, [], {path}))
        assert all(item["equal"] for item in found) is equal
