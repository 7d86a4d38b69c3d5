"""Bilinear upsampling of images of unknown size: at every size what Keras 2 computed."""

from __future__ import annotations

import json
import zipfile

import pytest
from conftest import write_checkpoint
from k2to3 import convert
from k2to3.errors import UnsupportedOption


def saved(path, config, shape=(None, None, 2)):
    layers = [
        {"class_name": "InputLayer", "config": {"name": "x", "batch_input_shape": [None, *shape], "dtype": "float32"}},
        {"class_name": "UpSampling2D", "config": {"name": "up", "dtype": "float32", **config}},
    ]
    config = {"class_name": "Sequential", "config": {"name": "model", "layers": layers}}
    return write_checkpoint(path / "old.h5", config, {}, version="2.15.0")


def classes(archive):
    with zipfile.ZipFile(archive) as opened:
        return opened.read("config.json").decode().count('"interpolation": "bilinear"')


@pytest.mark.parametrize("size", [[2, 2], [3, 4], [1, 5], [4, 1]])
def test_both_judges_agree_at_every_size(tmp_path, size):
    """Keras 3.14 and later could not run its own layer at a second size."""
    report = convert(saved(tmp_path, {"size": size, "interpolation": "bilinear"}), tmp_path / "new.keras")
    assert report.status == "proved" and "; tf-keras" in report.evidence.oracle
    assert classes(tmp_path / "new.keras") == 0


def test_channels_first(tmp_path):
    config = {"size": [2, 3], "interpolation": "bilinear", "data_format": "channels_first"}
    report = convert(saved(tmp_path, config, (2, None, None)), tmp_path / "new.keras", judge="specification")
    assert report.status == "proved"


def test_known_sizes_keep_the_layer(tmp_path):
    convert(saved(tmp_path, {"interpolation": "bilinear"}, (4, 5, 2)), tmp_path / "new.keras", verify="none")
    assert classes(tmp_path / "new.keras") == 1


@pytest.mark.parametrize("method", ["bicubic", "area", "lanczos3", "gaussian"])
def test_other_methods_want_the_extents(tmp_path, method):
    source = saved(tmp_path, {"interpolation": method})
    with pytest.raises(UnsupportedOption, match="unknown size") as refused:
        convert(source, tmp_path / "new.keras", verify="none")
    assert "--input-shape" in refused.value.hint
    convert(source, tmp_path / "new.keras", verify="none", input_shape="4,5,2")
    assert json.loads(zipfile.ZipFile(tmp_path / "new.keras").read("config.json"))
