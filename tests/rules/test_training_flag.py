"""`training=True` in a call: gone where it changes nothing, else rebuilt or refused."""

from __future__ import annotations

import json
import zipfile

import numpy as np
import pytest
from conftest import write_checkpoint
from k2to3 import convert
from k2to3.engine.models import new_conversion
from k2to3.errors import UnsupportedOption
from k2to3.keras2.model import LayerRecord
from k2to3.options.records import ModelOptions
from k2to3.rules.language import Conversion
from k2to3.rules.rulebook import Rulebook
from k2to3.rules.training_flag import without_idle_training
from k2to3.sources.author import parse_writer


def conversion() -> Conversion:
    return new_conversion(parse_writer("2.4.0", None), Rulebook(), ModelOptions())


def called(path, layer, weights=None, version="2.4.0", **kwargs):
    start = {"class_name": "InputLayer", "name": "in", "inbound_nodes": [],
             "config": {"name": "in", "batch_input_shape": [None, 4], "dtype": "float32"}}  # fmt: skip
    entry = {**layer, "name": "it", "inbound_nodes": [[["in", 0, 0, {"training": True}]]]}
    entry["config"] = {"name": "it", **layer["config"]}
    config = {"name": "model", "layers": [start, entry], "input_layers": [["in", 0, 0]],
              "output_layers": [["it", 0, 0]]}  # fmt: skip
    groups = {"it": {f"it/{name}:0": np.ones(4, "float32") for name in weights or ()}}
    source = write_checkpoint(path / "old.h5", {"class_name": "Model", "config": config}, groups, version=version)
    report = convert(source, path / "new.keras", verify="none", overwrite=True, **kwargs)
    text = zipfile.ZipFile(path / "new.keras").read("config.json").decode()
    assert '"training"' not in text
    return report, [each["class_name"] for each in json.loads(text)["config"]["layers"]]


NORM = ("gamma", "beta", "moving_mean", "moving_variance")


def batch(**config):
    return {"class_name": "BatchNormalization", "config": {"axis": [1], **config}}


def test_batch_normalization_is_rebuilt(tmp_path):
    report, _ = called(tmp_path, batch(), NORM)
    assert any("normalised by the batch" in finding.text for finding in report.findings)


def test_a_frozen_one_stays_at_inference_since_tf_2(tmp_path):
    _, classes = called(tmp_path, batch(trainable=False), NORM)
    assert classes == ["InputLayer", "BatchNormalization"]
    with pytest.raises(UnsupportedOption, match="understand differently"):
        called(tmp_path, batch(trainable=False), NORM, version="2.2.4")


RENORM = (*NORM, "moving_stddev", "renorm_mean", "renorm_stddev")


@pytest.mark.parametrize(
    "config, names",
    [({"renorm": True}, RENORM), ({"virtual_batch_size": 2, "axis": [2]}, NORM), ({"dtype": "mixed_float16"}, NORM)],
)
def test_what_a_batch_is_not_enough_for_is_refused(tmp_path, config, names):
    with pytest.raises(UnsupportedOption, match="by its batch at inference as well"):
        called(tmp_path, batch(**config), names)


def test_noise_is_refused_or_given_up(tmp_path):
    noise = {"class_name": "Dropout", "config": {"rate": 0.5}}
    with pytest.raises(UnsupportedOption, match="--accept-noise-off"):
        called(tmp_path, noise)
    _, classes = called(tmp_path, noise, accept_noise_off=True)
    assert classes == ["InputLayer", "Dropout"]


CELL = {"class_name": "GRUCell", "config": {"units": 2}}
QUIET = [
    ("Dense", {"units": 2}),
    ("Dropout", {"rate": 0.0}),
    ("LSTM", {"units": 2, "dropout": 0.0, "recurrent_dropout": 0.0}),
    ("Bidirectional", {"layer": {"class_name": "LSTM", "config": {"units": 2}}}),
    ("RNN", {"cell": CELL}),
]
LOUD = [
    ("Dropout", {"rate": 0.1}),
    ("GaussianNoise", {"stddev": 0.1}),
    ("GaussianDropout", {}),
    ("LSTM", {"units": 2, "recurrent_dropout": 0.1}),
    ("Bidirectional", {"layer": {"class_name": "LSTM", "config": {"dropout": 0.1}}}),
    ("RNN", {"cell": {"class_name": "StackedRNNCells", "config": {
        "cells": [CELL, {"class_name": "GRUCell", "config": {"dropout": 0.2}}]}}}),
    ("TimeDistributed", {"layer": {"class_name": "BatchNormalization", "config": {}}}),
    # As Keras before 2.2.3 wrote a Sequential: its config is the list of its layers.
    ("TimeDistributed", {"layer": {"class_name": "Sequential", "config": [
        {"class_name": "Dropout", "config": {"name": "d", "rate": 0.5, "batch_input_shape": [None, 4]}}]}}),
    ("RandomFlip", {}),
    ("SpectralNormalization", {"layer": {"class_name": "Dense", "config": {}}}),
    ("Lambda", {}),
    ("TFOpLambda", {"function": "nn.dropout"}),
    ("Mine", {}),
]  # fmt: skip


@pytest.mark.parametrize("name, config", QUIET)
def test_idle(name, config):
    found = without_idle_training(LayerRecord(name, "it", config), {"training": True}, conversion())
    assert found == {}


@pytest.mark.parametrize("name, config", LOUD)
def test_not_idle(name, config):
    given = {"training": True}
    assert without_idle_training(LayerRecord(name, "it", config), given, conversion()) is given
