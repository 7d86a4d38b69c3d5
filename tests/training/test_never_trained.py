"""A model that was compiled and never trained: the archive opens with the state that training starts from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import k2to3
import numpy as np
import pytest
from conftest import small_model, write_checkpoint
from k2to3.archive.reading import open_weights

NEW = {"name": "o", "learning_rate": 0.01, "is_legacy_optimizer": False}


def compiled(folder: Path, optimizer: str, config: dict[str, Any], steps: int | None, version: str) -> Path:
    path = write_checkpoint(folder / "old.h5", *small_model(), version=version)
    training = {"optimizer_config": {"class_name": optimizer, "config": config}, "loss": "mse", "metrics": []}
    with h5py.File(path, "a") as file:
        file.attrs["training_config"] = json.dumps(training).encode()
        if steps is not None:
            group = file.create_group("optimizer_weights")
            group["iteration:0"] = np.int64(steps)
            group.attrs["weight_names"] = [b"iteration:0"]
    return path


def started(path: Path) -> list[np.ndarray]:
    with open_weights(path) as root:
        found = root["optimizer/vars"] if "optimizer" in root else {}
        return [np.asarray(found[str(index)][()]) for index in range(len(found))]


@pytest.mark.parametrize(
    ("optimizer", "config", "steps", "version", "starts"),
    [
        ("Custom>Adam", NEW, 0, "2.15.0", [0, 0, 0, 0]),
        ("Custom>SGD", {**NEW, "momentum": 0.9}, 0, "2.15.0", [0, 0]),
        ("Custom>SGD", NEW, 0, "2.15.0", []),
        ("Custom>Adagrad", {**NEW, "initial_accumulator_value": 0.25}, 0, "2.15.0", [0.25, 0.25]),
        ("Adam", {"lr": 0.01}, None, "2.2.4", [0, 0, 0, 0]),
    ],
    ids=["Adam", "momentum", "SGD", "Adagrad", "no arrays at all"],
)
def test_it_starts_as_keras_2_does(tmp_path, optimizer, config, steps, version, starts):
    path = compiled(tmp_path, optimizer, config, steps, version)
    report = k2to3.convert(path, tmp_path / "new.keras", verify="weights")
    assert report.status == "proved"
    assert [finding.text for finding in report.findings if "afresh" in finding.text] == []
    steps_, rate, *slots = started(tmp_path / "new.keras")
    assert (int(steps_), float(rate)) == (0, pytest.approx(0.01))
    assert sorted(slot.shape for slot in slots) == sorted([(4, 3), (3,)] * (len(starts) // 2))
    assert [slot.flat[0] for slot in slots] == starts and all((slot == slot.flat[0]).all() for slot in slots)


@pytest.mark.parametrize(
    ("optimizer", "config", "steps"),
    [("Custom>Adam", NEW, 3), ("Custom>Adafactor", NEW, 0), ("Custom>Adam", {**NEW, "use_ema": True}, 0)],
    ids=["arrays that are missing", "Adafactor", "averages"],
)
def test_what_is_not_known_to_start_alike_is_said(tmp_path, optimizer, config, steps):
    path = compiled(tmp_path, optimizer, config, steps, "2.15.0")
    report = k2to3.convert(path, tmp_path / "new.keras", verify="weights")
    assert any("afresh" in finding.text for finding in report.findings)
    assert started(tmp_path / "new.keras") == []
