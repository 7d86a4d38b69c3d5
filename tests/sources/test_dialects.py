"""Ways in which Keras 1 and 2 wrote the same thing."""

from __future__ import annotations

import json

import h5py
import k2to3
import numpy as np
import pytest
from conftest import dense_layer, small_model, write_checkpoint
from k2to3.sources.author import parse_writer
from k2to3.sources.read import read_checkpoint


@pytest.mark.parametrize("as_bytes", [True, False])
def test_bytes_and_text_attributes(tmp_path, as_bytes):
    path = write_checkpoint(tmp_path / "old.h5", *small_model(), as_bytes=as_bytes)
    assert k2to3.plan(path).writer == "tf.keras 2.4.0 on tensorflow"


def test_chunked_names(tmp_path):
    path = write_checkpoint(tmp_path / "old.h5", *small_model())
    with h5py.File(path, "r+") as file:
        group = file["model_weights"]
        names = group.attrs["layer_names"]
        del group.attrs["layer_names"]
        group.attrs["layer_names0"] = names
        weights = group["dense"].attrs["weight_names"]
        del group["dense"].attrs["weight_names"]
        group["dense"].attrs["weight_names0"] = weights[:1]
        group["dense"].attrs["weight_names1"] = weights[1:]
    with read_checkpoint(path) as found:
        assert [t.name for t in found.weights["dense"]] == ["dense/kernel:0", "dense/bias:0"]


def test_sequential_as_a_list(tmp_path):
    config, weights = small_model()
    config["config"] = config["config"]["layers"]
    path = write_checkpoint(tmp_path / "old.h5", config, weights, version="2.1.6")
    assert k2to3.plan(path).exit_code == 0


@pytest.mark.parametrize("wrap", [json.dumps, lambda text: json.dumps(json.dumps(text)), str])
def test_weights_only_with_architecture(tmp_path, wrap):
    config, weights = small_model()
    path = write_checkpoint(tmp_path / "w.h5", None, weights, whole=False)
    architecture = tmp_path / "model.json"
    text = json.dumps(config) if wrap is str else wrap(config)
    architecture.write_text(text)
    report = k2to3.convert(path, tmp_path / "new.keras", architecture=architecture, verify="weights")
    assert report.status == "proved" and report.kind == "weights"


def test_weights_only_matched_by_order(tmp_path):
    config, weights = small_model()
    renamed = {"other": weights["dense"]}
    path = write_checkpoint(tmp_path / "w.h5", None, renamed, whole=False)
    (tmp_path / "model.json").write_text(json.dumps(config))
    report = k2to3.plan(path, architecture=tmp_path / "model.json")
    assert any("matched by order" in finding.text for finding in report.findings)


def test_slash_in_a_name(tmp_path):
    config, weights = small_model()
    config["config"]["layers"] = [dense_layer("scope/dense", batch_input_shape=[None, 4])]
    path = write_checkpoint(tmp_path / "old.h5", config, {"scope/dense": weights["dense"]})
    report = k2to3.plan(path)
    assert [f.text for f in report.findings if f.kind == "renamed"] == [
        "to 'scope_dense_input'",
        "to 'scope_dense'",
    ]


@pytest.mark.parametrize(("dtype", "stored"), [("float16", "float16"), ("float64", "float64"), ("V2", "bfloat16")])
def test_other_float_types(tmp_path, dtype, stored):
    config, weights = small_model()
    values = {
        name: (value.view("u4") >> 16).astype("u2").view("V2") if dtype == "V2" else value.astype(dtype)
        for name, value in weights["dense"].items()
    }
    config["config"]["layers"][0]["config"]["dtype"] = stored
    path = write_checkpoint(tmp_path / "old.h5", config, {"dense": values})
    report = k2to3.convert(path, tmp_path / "new.keras", verify="weights")
    assert {variable["dtype"] for variable in report.variables} == {stored} and report.status == "proved"


@pytest.mark.parametrize(
    ("version", "backend", "text", "tensorflow"),
    [
        ("2.2.4", "theano", "Keras 2.2.4 on theano", False),
        ("2.2.4-tf", "tensorflow", "tf.keras 2.2.4-tf on tensorflow", True),
        ("2.4.0", "tensorflow", "tf.keras 2.4.0 on tensorflow", True),
        ("1.2.2", None, "Keras 1.2.2", False),
        (None, None, "Keras 1.x", False),
    ],
)
def test_writer(version, backend, text, tensorflow):
    writer = parse_writer(version, backend)
    assert (str(writer), writer.tensorflow) == (text, tensorflow)


def test_lazy_reading(tmp_path):
    """Planning reads headers, never data."""
    config, weights = small_model()
    path = write_checkpoint(tmp_path / "old.h5", config, weights)
    with h5py.File(path, "r+") as file:
        offset = file["model_weights/dense/dense/kernel:0"].id.get_offset()
    with open(path, "r+b") as raw:
        raw.seek(offset)
        raw.write(np.full(12, np.nan, "float32").tobytes())
    assert k2to3.plan(path).exit_code == 0
