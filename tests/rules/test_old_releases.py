"""Layers that single releases of TensorFlow computed or named otherwise."""

from __future__ import annotations

import json
import zipfile

import numpy as np
import pytest
from conftest import sequential, write_checkpoint
from k2to3 import convert
from k2to3.errors import UnsupportedOption, WeightMismatch


def converted(path, layer, version, weights=None):
    source = write_checkpoint(path / "old.h5", sequential(layer), weights or {}, version=version)
    convert(source, path / "new.keras", verify="none", overwrite=True)
    return json.loads(zipfile.ZipFile(path / "new.keras").read("config.json"))["config"]["layers"]


def crop(rows, columns):
    return {"class_name": "RandomCrop", "config": {
        "name": "crop", "height": 4, "width": 6, "batch_input_shape": [None, rows, columns, 3]}}  # fmt: skip


def resized(layers):
    """Sizes of the Resizing, and what is cut off then."""
    found = [layer["config"] for layer in layers if layer["class_name"] == "Functional"]
    inner = found[0]["layers"] if found else layers
    by_class = {layer["class_name"]: layer["config"] for layer in inner}
    resizing = by_class["Resizing"]
    return resizing["height"], resizing["width"], by_class.get("Cropping2D", {}).get("cropping")


def test_random_crops_were_resized_first_before_tf_2_7(tmp_path):
    assert resized(converted(tmp_path, crop(9, 10), "2.4.0")) == (5, 6, [[0, 1], [0, 0]])
    assert resized(converted(tmp_path, crop(9, 20), "2.6.0")) == (4, 8, [[0, 0], [1, 1]])
    assert resized(converted(tmp_path, crop(9, 10), "2.8.0")) == (4, 6, None)


def test_tf_2_2_took_every_image_for_a_wide_one(tmp_path):
    assert resized(converted(tmp_path, crop(10, 9), "2.3.0-tf")) == (6, 6, [[1, 1], [0, 0]])
    with pytest.raises(UnsupportedOption, match="Keras 2 fails"):
        converted(tmp_path, crop(9, 10), "2.3.0-tf")


def scale(name):
    layer = {"class_name": "LayerScale", "config": {
        "name": "it", "init_values": 1e-6, "projection_dim": 3, "batch_input_shape": [None, 3]}}  # fmt: skip
    return layer, {"it": {f"it/{name}:0": np.ones(3, "float32")}}


@pytest.mark.parametrize("name, version", [("Variable", "2.10.0"), ("gamma", "2.15.0")])
def test_layer_scale_had_no_name_for_its_weight(tmp_path, name, version):
    layer, weights = scale(name)
    assert converted(tmp_path, layer, version, weights)[-1]["class_name"] == "EinsumDense"


def test_another_name_is_still_refused(tmp_path):
    with pytest.raises(WeightMismatch, match="is it the author's own class"):
        converted(tmp_path, scale("mine")[0], "2.10.0", scale("mine")[1])
