"""Keras 2.0 to 2.2 lost the input shape of a Sequential that began with an InputLayer."""

from __future__ import annotations

import json
import zipfile

import numpy as np
import pytest
from conftest import dense_layer, sequential, write_checkpoint
from k2to3 import convert
from k2to3.cli.main import main
from k2to3.errors import BadConfig, UsageError

POOL = {"class_name": "MaxPooling2D", "config": {"name": "pool", "pool_size": [2, 2], "strides": [2, 2]}}
CONV = {"class_name": "Conv2D", "config": {"name": "conv", "filters": 2, "kernel_size": [1, 1], "activation": "linear"}}
FLATTEN = {"class_name": "Flatten", "config": {"name": "flatten"}}


def weights(width):
    return {
        "conv": {"conv/kernel:0": np.ones((1, 1, 1, 2), "float32"), "conv/bias:0": np.zeros(2, "float32")},
        "dense": {"dense/kernel:0": np.ones((width, 3), "float32"), "dense/bias:0": np.zeros(3, "float32")},
    }


def file(path, *layers, width=8):
    given = {
        name: value for name, value in weights(width).items() if any(item["config"]["name"] == name for item in layers)
    }
    return write_checkpoint(path / "old.h5", sequential(*layers), given, version="2.2.4")


def test_says_what_it_needs(tmp_path):
    with pytest.raises(BadConfig, match=r"which input shape.*--input-shape"):
        convert(file(tmp_path, POOL, FLATTEN, dense_layer()), tmp_path / "new.keras", verify="none")


def test_a_width_that_nobody_knows_is_refused(tmp_path):
    with pytest.raises(BadConfig, match=r"width the file does not tell.*--input-shape"):
        convert(file(tmp_path, CONV, FLATTEN, dense_layer()), tmp_path / "new.keras", verify="none")


def test_an_embedding_without_length_is_made_definite(tmp_path):
    embedding = {"class_name": "Embedding", "config": {"name": "embedding", "input_dim": 5, "output_dim": 2}}
    embedding["config"]["batch_input_shape"] = [None, None]
    given = {"embedding": {"embedding/embeddings:0": np.ones((5, 2), "float32")}, "dense": weights(6)["dense"]}
    source = write_checkpoint(tmp_path / "old.h5", sequential(embedding, FLATTEN, dense_layer()), given)
    with pytest.raises(BadConfig, match="width"):
        convert(source, tmp_path / "new.keras", verify="none")
    convert(source, tmp_path / "new.keras", verify="none", input_shape="3")


@pytest.mark.parametrize("layers, width", [((POOL,), 4), ((CONV,), 32)])
def test_takes_the_shape_of_a_sample(tmp_path, layers, width):
    source = file(tmp_path, *layers, FLATTEN, dense_layer(), width=width)
    convert(source, tmp_path / "new.keras", verify="none", input_shape=(4, 4, 1))
    config = json.loads(zipfile.ZipFile(tmp_path / "new.keras").read("config.json"))
    assert config["config"]["layers"][0]["config"]["batch_shape"] == [None, 4, 4, 1]


@pytest.mark.parametrize("text", ["4;4", "4,x", "0,4", ""])
def test_wants_extents(tmp_path, text):
    with pytest.raises(UsageError, match="extents"):
        convert(file(tmp_path, POOL), tmp_path / "new.keras", verify="none", input_shape=text)


def test_does_not_contradict_the_file(checkpoint, tmp_path, capsys):
    command = ["convert", str(checkpoint), str(tmp_path / "new.keras"), "--verify", "none", "--input-shape"]
    assert main([*command, "5"]) == 2
    assert "the file says [4]" in capsys.readouterr().err
    assert main([*command, "4"]) == 0


@pytest.mark.keras
def test_tf_keras_gets_the_shape_as_well(tmp_path):
    report = convert(file(tmp_path, POOL, FLATTEN, dense_layer(), width=4), tmp_path / "new.keras", input_shape="4,4,1")
    assert report.evidence.outputs and "input shape" in report.evidence.oracle
