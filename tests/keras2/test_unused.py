"""Operations that feed nothing but losses are left out; what reaches an output is not."""

from __future__ import annotations

from typing import Any

import k2to3
import numpy as np
import pytest
from conftest import write_checkpoint
from k2to3.errors import K2to3Error
from k2to3.keras2.parse import parse_model
from k2to3.keras2.unused import for_losses_alone

Json = dict[str, Any]


def operation(name: str, function: str, source: str) -> Json:
    config = {"name": name, "trainable": True, "dtype": "float32", "function": function}
    return {"class_name": "TFOpLambda", "config": config, "name": name, "inbound_nodes": [[source, 0, 0, {}]]}


def architecture(output: str, after: str = "") -> Json:
    """x → dense → unknown → mean → add_loss; `after` is what a second Dense is called on."""
    start = {"name": "x", "batch_input_shape": [None, 3], "dtype": "float32", "sparse": False, "ragged": False}
    dense = {"name": "dense", "units": 3, "activation": "linear", "use_bias": False}
    loss = {"name": "add_loss", "trainable": True, "dtype": "float32", "unconditional": False}
    layers = [
        {"class_name": "InputLayer", "config": start, "name": "x", "inbound_nodes": []},
        {"class_name": "Dense", "config": dense, "name": "dense", "inbound_nodes": [[["x", 0, 0, {}]]]},
        operation("unknown", "math.no_such_function", "dense"),
        operation("mean", "math.reduce_mean", "unknown"),
        {"class_name": "AddLoss", "config": loss, "name": "add_loss", "inbound_nodes": [[["mean", 0, 0, {}]]]},
    ]
    if after:
        second = {**dense, "name": "second"}
        layers.append(
            {"class_name": "Dense", "config": second, "name": "second", "inbound_nodes": [[[after, 0, 0, {}]]]}
        )
    ends = {"input_layers": [["x", 0, 0]], "output_layers": [[output, 0, 0]]}
    return {"class_name": "Functional", "config": {"name": "m", "layers": layers, **ends}}


@pytest.mark.parametrize(
    ("config", "idle"),
    [
        (architecture("dense"), {"unknown", "mean", "add_loss"}),
        (architecture("unknown"), {"mean", "add_loss"}),
        (architecture("dense", after="unknown"), {"mean", "add_loss"}),
        (architecture("dense", after="dense"), {"unknown", "mean", "add_loss"}),
    ],
)
def test_which(config: Json, idle: set[str]) -> None:
    assert for_losses_alone(parse_model(config)) == idle


def test_a_loss_of_operations_that_are_not_known(tmp_path: Any) -> None:
    weights = {"dense": {"dense/kernel:0": np.eye(3, dtype="float32")}}
    old = write_checkpoint(tmp_path / "old.h5", architecture("dense"), weights)
    report = k2to3.convert(old, tmp_path / "new.keras", verify="weights")
    assert any(finding.kind == "dropped" and finding.layer == "add_loss" for finding in report.findings)
    old = write_checkpoint(tmp_path / "other.h5", architecture("unknown"), weights)
    with pytest.raises(K2to3Error, match="no_such_function"):
        k2to3.convert(old, tmp_path / "other.keras", verify="weights")
