"""The epsilon of a normalisation that no input of the model reaches: behind a sum of a large and a drawn tensor."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import k2to3
import numpy as np
import pytest
from conftest import write_checkpoint
from planting import plant, setting
from test_layer_level import job
from test_teeth import ask

EPSILON = 1e-6


def behind_a_bias(path: Path) -> Path:
    """Every row of what is normalised varies by about five, whatever the input is."""
    chance = np.random.default_rng(0)
    common: Any = {"trainable": True, "dtype": "float32"}
    norm = {**common, "name": "norm", "axis": [2], "epsilon": EPSILON, "center": True, "scale": True}
    layers = [
        {"class_name": "InputLayer", "config": {"name": "x", "batch_input_shape": [None, 3, 4], "dtype": "float32"}},
        {"class_name": "Dense", "config": {**common, "name": "dense", "units": 6, "activation": "tanh"}},
        {"class_name": "Dense", "config": {**common, "name": "wide", "units": 6, "activation": "linear"}},
        {"class_name": "LayerNormalization", "config": norm},
    ]
    weights = {
        "dense": {"dense/kernel:0": chance.normal(size=(4, 6)), "dense/bias:0": chance.normal(size=6)},
        "wide": {"wide/kernel:0": chance.normal(size=(6, 6)), "wide/bias:0": 5 * chance.normal(size=6)},
        "norm": {"norm/gamma:0": chance.normal(size=6), "norm/beta:0": chance.normal(size=6)},
    }
    config = {"class_name": "Sequential", "config": {"name": "m", "layers": layers}}
    arrays = {layer: {key: w.astype("float32") for key, w in found.items()} for layer, found in weights.items()}
    return write_checkpoint(path, config, arrays, version="2.8.0")


@pytest.mark.keras
def test_an_epsilon_that_no_input_reaches(tmp_path: Path) -> None:
    source, good, bad = behind_a_bias(tmp_path / "old.h5"), tmp_path / "good.keras", tmp_path / "bad.keras"
    report = k2to3.convert(source, good, verify="none")
    plant(good, bad, report, setting("norm", "epsilon", 7 * EPSILON))
    with ExitStack() as stack:
        right, wrong, forgiven = ask(
            [job(source, good, stack, "outputs"), job(source, bad, stack, "outputs"),
             job(source, bad, stack, "outputs", tolerance=1e-3)]
        )  # fmt: skip
    assert right["mismatch"] is None and not right["evidence"]["not_proved"]
    whole = [item for item in wrong["evidence"]["outputs"] if not item["equal"]]
    assert not whole, "the whole outputs are to agree; the layer alone tells"
    assert "first differs at layer 'norm' (LayerNormalization)" in wrong["mismatch"]
    assert "what each layer gets × " in wrong["mismatch"]
    assert wrong["evidence"]["divergence"]["keras2"]["epsilon"] == EPSILON
    assert forgiven["mismatch"]
