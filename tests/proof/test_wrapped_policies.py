"""A wrapper of half precision around a layer of float32: halves go in, float32 is computed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import k2to3
import numpy as np
import pytest
from conftest import write_checkpoint

HALF: Any = {"class_name": "Policy", "config": {"name": "mixed_float16"}}
DENSE: Any = {"class_name": "Dense", "config": {"name": "inner", "dtype": "float32", "units": 3, "activation": "tanh"}}
LSTM = {
    "class_name": "LSTM",
    "config": {**DENSE["config"], "recurrent_activation": "sigmoid", "return_sequences": True},
}


def drawn(*shape: int) -> Any:
    return np.random.default_rng(len(shape)).standard_normal(shape).astype("float32")


DIRECTION = (("kernel", (4, 12)), ("recurrent_kernel", (3, 12)), ("bias", (12,)))
WEIGHTS = {
    "TimeDistributed": {"wrapped/kernel:0": drawn(4, 3), "wrapped/bias:0": drawn(3)},
    "Bidirectional": {
        f"wrapped/{way}_inner/lstm_cell/{name}:0": drawn(*shape)
        for way in ("forward", "backward")
        for name, shape in DIRECTION
    },
}


@pytest.mark.keras
@pytest.mark.parametrize(
    ("class_name", "layer"), [("TimeDistributed", DENSE), ("Bidirectional", LSTM)], ids=["steps", "directions"]
)
def test_only_its_input_is_narrowed(tmp_path: Path, class_name: str, layer: Any) -> None:
    start = {"name": "x", "batch_input_shape": [None, 5, 4], "dtype": "float32", "sparse": False, "ragged": False}
    wrapped = {"name": "wrapped", "trainable": True, "dtype": HALF, "layer": layer}
    layers = [{"class_name": "InputLayer", "config": start}, {"class_name": class_name, "config": wrapped}]
    config = {"class_name": "Sequential", "config": {"name": "m", "layers": layers}}
    old = write_checkpoint(tmp_path / "old.h5", config, {"wrapped": WEIGHTS[class_name]}, version="2.8.0")
    report = k2to3.convert(old, tmp_path / "new.keras")
    assert report.status == "proved"
    errors = [(item["judge"], item["max_error"] / item["scale"]) for item in report.evidence.outputs]
    assert {judge for judge, _ in errors} == {"the specification", "tf-keras"}
    assert all(error < 1e-6 for _, error in errors), errors
