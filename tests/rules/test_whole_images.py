"""Image layers whose policy is one of whole numbers cut fractions off, as TensorFlow 2.8 and later did."""

from __future__ import annotations

import json
import zipfile

import numpy as np
import pytest
from conftest import write_checkpoint
from k2to3 import convert
from k2to3.errors import UnsupportedOption

CROP = {"height": 2, "width": 2}


def saved(path, class_name, config, version="2.15.0", dtype="uint8", shape=(4, 5, 1)):
    first = {"name": "x", "batch_input_shape": [None, *shape], "dtype": "float64"}
    layers = [
        {"class_name": "InputLayer", "config": first},
        {"class_name": class_name, "config": {"name": "layer", "dtype": dtype, **config}},
    ]
    config = {"class_name": "Sequential", "config": {"name": "model", "layers": layers}}
    return write_checkpoint(path / "old.h5", config, {}, version=version)


def policies(archive):
    with zipfile.ZipFile(archive) as opened:
        layers = json.loads(opened.read("config.json"))["config"]["layers"]
    inner = [inside for layer in layers for inside in layer["config"].get("layers", [layer])]
    return [
        (layer["class_name"], layer["config"].get("dtype")) for layer in inner if layer["class_name"] != "InputLayer"
    ]


@pytest.mark.parametrize(
    "class_name, config",
    [("CenterCrop", CROP), ("RandomContrast", {"factor": 0.5}), ("RandomContrast", {"factor": 3.0})],
)
def test_what_keras_2_cast_is_cast(tmp_path, class_name, config):
    convert(saved(tmp_path, class_name, config), tmp_path / "new.keras", verify="none")
    assert policies(tmp_path / "new.keras")[-1] == ("Rescaling", "uint8")


def test_random_height_cast_nothing(tmp_path):
    convert(saved(tmp_path, "RandomHeight", {"factor": 0.2}), tmp_path / "new.keras", verify="none")
    assert [name for name, _ in policies(tmp_path / "new.keras")] == ["Identity"]


def test_floats_are_left_alone(tmp_path):
    convert(saved(tmp_path, "CenterCrop", CROP, dtype="float32"), tmp_path / "new.keras", verify="none")
    assert [name for name, _ in policies(tmp_path / "new.keras")] == ["CenterCrop"]


def test_refused_where_nobody_recorded_it(tmp_path):
    with pytest.raises(UnsupportedOption, match="uint8"):
        convert(saved(tmp_path, "CenterCrop", CROP, version="2.6.0"), tmp_path / "new.keras", verify="none")


def test_images_of_unknown_size_may_be_too_small(tmp_path):
    """A batch of one is an image of one row there. The archive computes something else on it: that is not proved."""
    report = convert(saved(tmp_path, "CenterCrop", CROP, dtype="float32", shape=(4, 1)), tmp_path / "new.keras")
    assert (report.status, report.exit_code) == ("converted", 8)
    assert any("smaller than a CenterCrop" in text for text in report.not_proved)
    assert any("smaller than 2 by 2" in finding.text for finding in report.findings)


@pytest.mark.parametrize(
    "class_name, config",
    [
        ("CenterCrop", CROP),
        ("RandomContrast", {"factor": 0.5}),
        ("RandomHeight", {"factor": 0.2}),
        ("RandomCrop", {"height": 3, "width": 2}),
    ],
)
def test_both_judges_agree(tmp_path, class_name, config):
    report = convert(saved(tmp_path, class_name, config), tmp_path / "new.keras")
    assert report.status == "proved" and "; tf-keras" in report.evidence.oracle
    assert np.isfinite([item["max_error"] for item in report.evidence.outputs]).all()
