"""What strangers' files held that nothing else had: names, axes, floats."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import k2to3
import numpy as np
import pytest
from conftest import Json, sequential, write_checkpoint


def functional(layers: list[Json], inputs: list[str], output: str, name: str = "model") -> Json:
    ends = {"input_layers": [[n, 0, 0] for n in inputs], "output_layers": [[output, 0, 0]]}
    return {"class_name": "Model", "config": {"name": name, "layers": layers, **ends}}


def called(class_name: str, name: str, *inputs: str, **config: Any) -> Json:
    nodes = [[[n, 0, 0, {}] for n in inputs]] if inputs else []
    return {"class_name": class_name, "name": name, "config": {"name": name, **config}, "inbound_nodes": nodes}


def start(name: str, *shape: int) -> Json:
    return called("InputLayer", name, batch_input_shape=[None, *shape], dtype="float32")


def archived(config: Json, weights: Any, folder: Path, version: str = "2.1.6", **options: Any) -> Json:
    source = write_checkpoint(folder / "old.h5", config, weights, version=version)
    k2to3.convert(source, folder / "new.keras", verify="weights", **options)
    with zipfile.ZipFile(folder / "new.keras") as archive:
        return json.loads(archive.read("config.json"))


@pytest.mark.parametrize("axes", [[1, 2], [-1, 2], [-1, -1]])
def test_each_input_of_a_dot_has_its_own_axis(tmp_path, axes):
    """The scores of attention: a state of rank 2 with a sequence of rank 3."""
    layers = [start("state", 4), start("steps", 6, 4), called("Dot", "score", "state", "steps", axes=axes)]
    made = archived(functional(layers, ["state", "steps"], "score"), {}, tmp_path)
    dot = next(layer for layer in made["config"]["layers"] if layer["class_name"] == "Dot")
    assert dot["config"]["axes"] == axes


@pytest.mark.parametrize("axes", [[2, 2], [1, 3], -3])
def test_axes_that_an_input_of_a_dot_lacks(tmp_path, axes):
    layers = [start("state", 4), start("steps", 6, 4), called("Dot", "score", "state", "steps", axes=axes)]
    config = functional(layers, ["state", "steps"], "score")
    with pytest.raises(k2to3.errors.BadConfig, match=r"are no axes of inputs that have \[2, 3\]"):
        k2to3.plan(write_checkpoint(tmp_path / "old.h5", config, {}))


def test_windows_that_python_divided(tmp_path):
    pooled = {"batch_input_shape": [None, 6, 6, 2], "pool_size": [3.0, 3.0], "strides": [2.0, 2.0], "name": "pool"}
    made = archived(sequential({"class_name": "AveragePooling2D", "config": pooled}), {}, tmp_path)
    found = made["config"]["layers"][-1]["config"]
    assert found["pool_size"] == [3, 3] and found["strides"] == [2, 2]
    half = sequential({"class_name": "AveragePooling2D", "config": {**pooled, "strides": [2.5, 2.5]}})
    with pytest.raises(k2to3.errors.BadConfig, match="strides"):
        k2to3.plan(write_checkpoint(tmp_path / "half.h5", half, {}))


def test_names_that_tensorflow_takes_for_no_scope(tmp_path):
    """Keras 1 and Theano took any text; `predict` of Keras 3 on TensorFlow does not. Names of inputs are fed by."""
    layers = [
        start("my input", 4),
        called("Dense", "é (1)", "my input", units=4, activation="linear"),
        called("Add", "+1", "my input", "é (1)"),
        called("Activation", "_", "+1", activation="relu"),
    ]
    weights = {"é (1)": {"kernel:0": np.ones((4, 4), "float32"), "bias:0": np.ones(4, "float32")}}
    made = archived(functional(layers, ["my input"], "_", name="+ my model"), weights, tmp_path)
    names = [layer["config"]["name"] for layer in made["config"]["layers"]]
    assert names == ["my input", "___1_", "_1", "_"]
    assert made["config"]["name"] == "my_model"
    assert all(re.fullmatch(r"[A-Za-z0-9_.\\/>-]*", name) for name in names[1:])
    report = k2to3.plan(tmp_path / "old.h5")
    assert [found.layer for found in report.findings if found.kind == "renamed"] == ["é (1)", "+1"]
