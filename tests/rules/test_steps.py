"""Masks in and out of TimeDistributed: what each generation did, or a refusal where the file does not tell."""

from __future__ import annotations

import json
import zipfile

import numpy as np
import pytest
from conftest import sequential, write_checkpoint
from k2to3 import convert
from k2to3.errors import UnsupportedOption

LSTM = {"class_name": "LSTM", "config": {"name": "lstm", "units": 2}}
MASKING = {"class_name": "Masking", "config": {"name": "masking", "mask_value": 0.0}}
POOL = {"class_name": "GlobalAveragePooling1D", "config": {"name": "pool"}}
RELU = {"class_name": "ReLU", "config": {"name": "relu"}}
WEIGHTS = {f"lstm/{n}:0": np.ones(s, "float32") for n, s in (("kernel", (3, 8)), ("recurrent_kernel", (2, 8)),
                                                             ("bias", (8,)))}  # fmt: skip


def steps(*layers, shape=(4, 5, 3)):
    wrapped = [
        {"class_name": "TimeDistributed", "config": {"name": f"steps_{i}", "layer": layer}}
        for i, layer in enumerate(layers)
    ]
    first = {"class_name": "Masking", "config": {"name": "first", "mask_value": 0.0}}
    first["config"]["batch_input_shape"] = [None, *shape]
    return sequential(first, *wrapped)


def classes(path, architecture, version, weights=None):
    source = write_checkpoint(path / "old.h5", architecture, weights or {}, version=version)
    convert(source, path / "new.keras", verify="none")
    layers = json.loads(zipfile.ZipFile(path / "new.keras").read("config.json"))["config"]["layers"]
    return [layer["class_name"] for layer in layers]


@pytest.mark.parametrize("version", ["1.2.2", "2.1.5", "2.1.2-tf"])
def test_once_masks_ended_at_its_border(tmp_path, version):
    assert "TimeDistributed" in classes(tmp_path, steps(POOL), version)


@pytest.mark.parametrize("version", ["2.2.0", "2.2.4-tf", "2.15.0"])
def test_since_2_2_batch_and_time_are_merged(tmp_path, version):
    found = classes(tmp_path, steps(POOL), version)
    assert "TimeDistributed" not in found and found.count("Reshape") == 3


def test_what_ignores_masks_stays_as_it_is(tmp_path):
    found = classes(tmp_path, steps(RELU), "2.15.0")
    assert "TimeDistributed" in found and "Reshape" not in found


def test_what_makes_masks_is_merged(tmp_path):
    assert "TimeDistributed" not in classes(tmp_path, steps(MASKING), "2.15.0")


def test_tensorflow_2_1_was_of_two_minds(tmp_path):
    with pytest.raises(UnsupportedOption, match="as it knew the batch or not"):
        classes(tmp_path, steps(MASKING), "2.3.0-tf")


def test_two_releases_of_one_name(tmp_path):
    with pytest.raises(UnsupportedOption, match=r"1\.9 and 1\.10"):
        classes(tmp_path, steps(POOL), "2.1.6-tf")


def test_one_mask_value_per_sample_is_refused(tmp_path):
    with pytest.raises(UnsupportedOption, match="on which Keras 2 fails"):
        architecture = steps(LSTM, shape=(4, 5, 3))
        vectors = {"class_name": "Embedding", "config": {"name": "ids", "input_dim": 4, "output_dim": 15,
                   "mask_zero": True, "batch_input_shape": [None, 4]}}  # fmt: skip
        rows = {"class_name": "TimeDistributed", "config": {"name": "rows", "layer": {
            "class_name": "Reshape", "config": {"name": "reshape", "target_shape": [5, 3]}}}}  # fmt: skip
        layers = architecture["config"]["layers"]
        layers[0:1] = [vectors, rows]
        weights = {"ids": {"ids/embeddings:0": np.ones((4, 15), "float32")}, "steps_0": WEIGHTS}
        classes(tmp_path, architecture, "2.15.0", weights)


def test_an_unknown_number_of_steps_is_refused(tmp_path):
    with pytest.raises(UnsupportedOption, match="unknown number of time steps"):
        classes(tmp_path, steps(POOL, shape=(None, 5, 3)), "2.15.0")
