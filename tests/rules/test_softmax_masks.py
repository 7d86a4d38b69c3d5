"""Softmax took no masks before TF 2.4."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import write_checkpoint
from k2to3 import convert
from k2to3.errors import UnsupportedOption


def masked(path, version, steps=None, features=3):
    embedding = {"name": "ids", "input_dim": 5, "output_dim": features, "mask_zero": True}
    embedding["batch_input_shape"] = [None, steps]
    layers = [
        {"class_name": "Embedding", "config": embedding},
        {"class_name": "Softmax", "config": {"name": "softmax", "axis": -1}},
    ]
    config = {"class_name": "Sequential", "config": {"name": "model", "layers": layers}}
    weights = {"ids": {"ids/embeddings:0": np.ones((5, features), "float32")}}
    return write_checkpoint(path / "old.h5", config, weights, version=version)


def drifts(report):
    return [f for f in report.findings if f.class_name == "Softmax" and f.kind == "drift"]


@pytest.mark.parametrize("version, steps", [("2.2.4", None), ("2.3.0-tf", 3), ("2.4.0", 6)])
def test_masks_meant_nothing(tmp_path, version, steps):
    report = convert(masked(tmp_path, version, steps), tmp_path / "new.keras", verify="none")
    assert not drifts(report)


def test_masks_count_since(tmp_path):
    assert drifts(convert(masked(tmp_path, "2.5.0", 3), tmp_path / "new.keras", verify="none"))


def test_refused_where_the_version_does_not_tell(tmp_path):
    with pytest.raises(UnsupportedOption, match=r"TF 2\.4 applies"):
        convert(masked(tmp_path, "2.4.0", 3), tmp_path / "new.keras", verify="none")
