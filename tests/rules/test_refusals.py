"""What must be refused, by layer, key and reason: one row for each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import k2to3
import numpy as np
import pytest
from conftest import Json, sequential, write_checkpoint
from k2to3.errors import Refused

Row = tuple[str, Json, Sequence[tuple[int, ...]], str, str | None, str]


def layer(class_name: str, shape: Sequence[int | None], **config: Any) -> Json:
    return {"class_name": class_name, "config": {"name": "it", "batch_input_shape": [None, *shape], **config}}


def recurrent(class_name: str, **config: Any) -> Json:
    return layer(class_name, (5, 4), units=3, use_bias=True, **config)


LSTM = [(4, 12), (3, 12), (12,)]
ROWS: list[Row] = [
    ("unknown class", layer("Frobnicate", (4,)), [], "Frobnicate", None, "2.4.0"),
    ("unknown key", layer("Flatten", (4,), sparkle=1), [], "unknown key with value 1", "sparkle", "2.4.0"),
    ("custom activation", layer("Activation", (4,), activation="my_act"), [],
     "not one of Keras's own", "activation", "2.4.0"),
    ("custom regularizer", layer("Dense", (4,), units=3, kernel_regularizer={"class_name": "Mine", "config": {}}),
     [(4, 3), (3,)], "custom regularizer 'Mine'", "kernel_regularizer", "2.4.0"),
    ("custom constraint", layer("Dense", (4,), units=3, kernel_constraint="radial_constraint"),
     [(4, 3), (3,)], "has no equivalent", "kernel_constraint", "2.4.0"),
    ("unknown policy", layer("Dense", (4,), units=3, dtype="float8"),
     [(4, 3), (3,)], "'float8' is not", "dtype", "2.4.0"),
    ("integer policy over float weights", layer("Dense", (4,), units=3, dtype="int32"),
     [(4, 3), (3,)], "with float weights", "dtype", "2.4.0"),
    ("a cell to unroll over unknown steps", layer("LSTM", (None, 4), units=3, use_bias=True, activation="hard_sigmoid",
     recurrent_activation="sigmoid"),
     LSTM, "the number of time steps is unknown", None, "2.4.0"),
    ("a cell to unroll that is stateful",
     recurrent("LSTM", activation="hard_sigmoid", recurrent_activation="sigmoid",
     stateful=True, batch_input_shape=[2, 5, 4]),
     LSTM, "keeps no state", "stateful", "2.4.0"),
    ("stacked cells whose configs are lost", layer("RNN", (5, 4), cell={"class_name": "StackedRNNCells", "config": {
        "cells": [{"class_name": "LSTMCell", "config": {"name": "c"}}]}}), LSTM, "its config is empty", None, "2.0.9"),
    ("cropping everything", layer("Cropping1D", (2, 3), cropping=[1, 1]), [], "away", None, "2.4.0"),
    ("Normalization over the batch axis", layer("LayerNormalization", (4,), axis=0),
     [(4,), (4,)], "along the batch", "axis", "2.4.0"),
    ("samples normalised along another axis", layer("BatchNormalization", (4, 5), mode=1, axis=1),
     [(4,)] * 4, "along the last axis", "axis", "1.2.2"),
    ("pooling on Theano on an unknown length", layer(
        "MaxPooling1D", (None, 3), pool_size=[2], strides=[2], padding="same"), [],
     "unknown length", "padding", "2.2.4"),
    ("negative threshold", layer("ThresholdedReLU", (4,), theta=-1.0), [], "negative", "theta", "2.4.0"),
    ("the salt that TF 2.4 made up", layer("Hashing", (1,), num_bins=4, salt=[0xDECAFCAFFE] * 2),
     [], "hash otherwise after loading", "salt", "2.4.0"),
    ("samples mixed up by TF 2.2", layer("Bidirectional", (5, 4), layer={"class_name": "LSTM", "config": {
        "name": "l", "units": 3, "time_major": True, "return_sequences": True}}), [*LSTM, *LSTM],
     "turned round the batch", "time_major", "2.3.0-tf"),
    ("ragged input", layer("InputLayer", (4,), ragged=True), [], "ragged", "ragged", "2.4.0"),
]  # fmt: skip


@pytest.mark.parametrize(("shapes", "config", "text", "key", "version"), [
    pytest.param(shapes, config, text, key, version, id=label) for label, config, shapes, text, key, version in ROWS
])  # fmt: skip
def test_refused(
    tmp_path: Path, shapes: Sequence[tuple[int, ...]], config: Json, text: str, key: str | None, version: str
) -> None:
    """One line that names the layer, the key and the reason."""
    weights = {"it": {f"it/w{i}:0": np.full(shape, 0.5, "float32") for i, shape in enumerate(shapes)}}
    backend = "theano" if version == "2.2.4" else "tensorflow"
    path = write_checkpoint(tmp_path / "old.h5", sequential(config), weights, version=version, backend=backend)
    with pytest.raises(Refused) as caught:
        k2to3.plan(path)
    message = str(caught.value)
    assert text in message and "\n" not in message
    assert caught.value.key == key
    assert caught.value.layer
