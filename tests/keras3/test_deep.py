"""Paths longer than Python's recursion limit, on which Keras 3 builds graphs by recursion."""

from __future__ import annotations

import json
import zipfile

import numpy as np
import pytest
from conftest import dense_layer, write_checkpoint
from k2to3 import convert
from k2to3.keras3 import deep

BLOCKS = 460


def layer(class_name, name, *sources, **config):
    nodes = [[[source, 0, 0, {}] for source in sources]] if sources else []
    return {"class_name": class_name, "name": name, "config": {"name": name, **config}, "inbound_nodes": nodes}


def deep_model(blocks=BLOCKS):
    """Residual blocks; a Dense in the first, the middle and the last, and a second output at the end."""
    layers = [layer("InputLayer", "start", batch_input_shape=[None, 3], dtype="float32")]
    weights, last = {}, "start"
    generator = np.random.default_rng(0)
    for block in range(blocks):
        name = f"branch_{block}"
        if block % (blocks // 4) == 0:
            layers.append({**layer("Dense", name, last), "config": dense_layer(name)["config"]})
            kernel = generator.standard_normal((3, 3)).astype("float32") / 3
            weights[name] = {f"{name}/kernel:0": kernel, f"{name}/bias:0": np.full(3, 0.1, "float32")}
        else:
            layers.append(layer("Activation", name, last, activation="tanh"))
        layers.append(layer("Average", f"join_{block}", name, last))
        last = f"join_{block}"
    outputs = [[last, 0, 0], [f"branch_{blocks - 1}", 0, 0]]
    config = {"name": "deep", "layers": layers, "input_layers": [["start", 0, 0]], "output_layers": outputs}
    return {"class_name": "Functional", "config": config}, weights


def class_names(config):
    for item in config["config"]["layers"]:
        yield item["class_name"]
        if item["class_name"] == "Functional":
            yield from class_names(item)


@pytest.fixture
def archive(tmp_path):
    def make(blocks, verify):
        write_checkpoint(tmp_path / "deep.h5", *deep_model(blocks))
        report = convert(tmp_path / "deep.h5", tmp_path / "deep.keras", verify=verify)
        return json.loads(zipfile.ZipFile(tmp_path / "deep.keras").read("config.json")), report

    return make


def test_stays_flat_as_long_as_keras_opens_it(archive):
    config, report = archive(300, "weights")
    assert "Functional" not in [item["class_name"] for item in config["config"]["layers"]]
    assert not report.findings


def test_becomes_nested_models_of_the_same_layers(archive):
    config, report = archive(BLOCKS, "weights")
    found = list(class_names(config))
    assert (found.count("Average"), found.count("Dense")) == (BLOCKS, 4)
    assert len(config["config"]["layers"]) < 700
    assert [finding.kind for finding in report.findings] == ["rebuilt"]


@pytest.mark.keras
def test_computes_the_same(archive, monkeypatch):
    monkeypatch.setattr(deep, "DEEPEST", 20)
    monkeypatch.setattr(deep, "STAGE", 8)
    config, report = archive(16, "outputs")
    assert list(class_names(config)).count("Functional") > 2
    assert report.evidence.outputs and not report.not_proved
