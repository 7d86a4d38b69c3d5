"""What keys may hold: refused values name layer, key and what is allowed; what genuine files hold passes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import FIXTURES, Json, dense_layer, sequential, write_checkpoint
from k2to3.engine.plan import make_plan
from k2to3.errors import BadConfig, K2to3Error, UnsafeFile
from k2to3.keras2.values.by_class import keys_of
from k2to3.keras2.values.check import ACTIVATIONS, HELD, HELD_LISTS, check_architecture
from k2to3.rules.registry import built_in
from k2to3.rules.rulebook import Rulebook
from k2to3.sources.read import read_checkpoint


def layer(class_name: str, **config: Any) -> Json:
    return {"class_name": class_name, "config": {"name": "it", **config}}


def check(*layers: Json) -> None:
    check_architecture(sequential(*layers), Rulebook().read_as)


NAN, INF = math.nan, math.inf
L2 = {"class_name": "L2", "config": {"l2": 0.1}}
REFUSED: list[tuple[str, Json, str]] = [
    (class_name, {key: value}, key)
    for class_name, key, values in [
        ("Dense", "units", (NAN, INF, 10**12, -1, 0, 2.5, "3", None, [3], True)),
        ("Dense", "use_bias", ("yes", 2, None, [])),
        ("Dense", "activation", (3, ["relu"])),
        ("Dense", "dtype", (3, "full", {"name": "float32"}, {"class_name": "Policy", "config": {"name": "full"}})),
        ("Dense", "trainable", ("yes", None)),
        ("Dense", "kernel_regularizer", (3, ["l2"])),
        ("Dense", "batch_input_shape", (3, [None, -4], [None, 2.5], ["x"])),
        ("Conv2D", "padding", (-1, "x", "causal", "full", None)),
        ("Conv2D", "data_format", ("x", 1)),
        ("Conv2D", "strides", (2.5, [2.5, 1], [1, 1, 1], 0, [0, 1], None)),
        ("Conv2D", "kernel_size", ([3], "3", [3, NAN])),
        ("Conv2D", "groups", (0, "1")),
        ("ZeroPadding2D", "padding", (-1, "same", [[1, 1]], [[1, -1], [1, 1]])),
        ("MaxPooling1D", "pool_size", ([2, 2], 0)),
        ("Dropout", "rate", (-0.5, 1.5, NAN, None, "0.5")),
        ("LSTM", "dropout", (-0.5, INF)),
        ("LSTM", "stateful", ("x", None)),
        ("LSTM", "recurrent_activation", (1,)),
        ("Bidirectional", "merge_mode", ("max", 1)),
        ("BatchNormalization", "axis", (1.5, "1", [[1]], 99)),
        ("BatchNormalization", "epsilon", (NAN, "x")),
        ("Permute", "dims", ([0, 1], [1.5], 3)),
        ("Reshape", "target_shape", ([-2], 4, [2.5])),
        ("Lambda", "function_type", (4,)),
        ("Masking", "mask_value", ("x", None)),
    ]
    for value in values
]


@pytest.mark.parametrize(("class_name", "config", "key"), REFUSED, ids=lambda value: str(value)[:40])
def test_refused(class_name: str, config: Json, key: str) -> None:
    if class_name == "Bidirectional":
        config = {**config, "layer": layer("LSTM", units=2)}
    with pytest.raises(BadConfig) as caught:
        check(layer(class_name, **config))
    assert caught.value.layer == "it"
    assert str(caught.value.key).startswith(key)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    ("key", "value", "where"),
    [
        ("kernel_regularizer", {"class_name": "L2", "config": {"l2": -1}}, "kernel_regularizer.l2"),
        ("kernel_regularizer", {"class_name": "L2", "config": {"l2": "x"}}, "kernel_regularizer.l2"),
        ("kernel_regularizer", {"class_name": "L2", "config": {"l3": 1}}, "kernel_regularizer.l3"),
        ("kernel_regularizer", {"class_name": 3, "config": {}}, "kernel_regularizer.class_name"),
        ("kernel_constraint", {"class_name": "MaxNorm", "config": {"max_value": []}}, "kernel_constraint.max_value"),
        ("bias_initializer", {"class_name": "RandomNormal", "config": {"stddev": -1}}, "bias_initializer.stddev"),
        ("bias_initializer", {"class_name": "Zeros", "config": []}, "bias_initializer.config"),
    ],
)
def test_inside_of_objects(key: str, value: Any, where: str) -> None:
    with pytest.raises(BadConfig) as caught:
        check(layer("Dense", units=2, **{key: value}))
    assert caught.value.key == where


def test_inside_of_wrappers() -> None:
    """A cell in a stack in a layer in a wrapper in a nested model."""
    cell = {"class_name": "LSTMCell", "config": {"name": "deep", "units": -1}}
    stack = {"class_name": "StackedRNNCells", "config": {"cells": [cell]}}
    rnn = {"class_name": "RNN", "config": {"cell": stack}}
    inner = {"class_name": "Sequential", "config": {"layers": [layer("Bidirectional", layer=rnn)]}}
    with pytest.raises(BadConfig, match="layer 'deep', key 'units'"):
        check(inner)


@pytest.mark.parametrize("class_name", ["TimeDistributed", "Bidirectional", "RNN"])
def test_empty_wrappers(class_name: str) -> None:
    with pytest.raises(BadConfig, match="'it'"):
        check(layer(class_name))


@pytest.mark.parametrize(
    "entry",
    [
        layer("Dense", units=3.0, activation=None, kernel_regularizer=None),
        layer("Dense", units=3, kernel_initializer="he_normal", kernel_regularizer=L2, trainable=1),
        layer("ReLU", max_value=INF),
        layer("Masking", mask_value=NAN),
        layer("Discretization", bin_boundaries=[-1.0, INF]),
        layer("Dropout", rate={"type": "ndarray", "value": 0.5}),
        layer("Conv2D", kernel_size=3, strides=[2, 1], data_format=None),
        layer("ZeroPadding2D", padding=[[1, 2], [0, 1]]),
        layer("Normalization", axis=None),
        layer("SomethingOfMine", units="many", padding=-1),
    ],
    ids=lambda entry: str(entry["class_name"]),
)
def test_accepted(entry: Json) -> None:
    check(entry)


def test_depth() -> None:
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(UnsafeFile, match="nested"):
        check(layer("Dense", units=deep))


@pytest.mark.parametrize("length", [10, 100])
def test_wrappers_in_wrappers(length: int) -> None:
    entry = layer("Dense", units=2)
    for _ in range(length):
        entry = layer("TimeDistributed", layer=entry)
    with pytest.raises(K2to3Error) if length > 50 else _fine():
        check(entry)


class _fine:
    def __enter__(self) -> None: ...

    def __exit__(self, *error: object) -> None: ...


@pytest.mark.slow
def test_every_key_has_a_kind() -> None:
    """Of each layer in the genuine files that a rule reads."""
    held = {*HELD, *HELD_LISTS, *ACTIVATIONS}
    missing = {
        f"{entry['class_name']}.{key}"
        for entry in _genuine()
        for key in entry["config"]
        if key not in keys_of(entry["class_name"]) and key not in held
    }
    assert sorted(missing - OF_RULES) == []


# Read by their rules, which know the functions of TensorFlow; a vocabulary is data.
OF_RULES = {
    "TFOpLambda.function", "SlicingOpLambda.function", "TensorFlowOpLayer.node_def", "TensorFlowOpLayer.constants",
    *(f"{name}.{key}" for name in ("StringLookup", "IntegerLookup", "IndexLookup", "TextVectorization")
      for key in ("vocabulary", "mask_token", "oov_token", "standardize", "split", "ngrams")),
}  # fmt: skip


def _genuine() -> Iterator[Json]:
    for path in sorted(FIXTURES.rglob("*.h5")):
        try:
            with read_checkpoint(path) as checkpoint:
                yield from (e for e in _entries(checkpoint.model_config) if e["class_name"] in built_in())
        except K2to3Error:
            continue


def _entries(node: Any) -> Iterator[Json]:
    if isinstance(node, dict):
        if isinstance(node.get("class_name"), str) and isinstance(node.get("config"), dict):
            yield node
        for value in node.values():
            yield from _entries(value)
    elif isinstance(node, list):
        for value in node:
            yield from _entries(value)


ATTENTION = {
    "name": "m",
    "input_layers": [["q", 0, 0], ["v", 0, 0]],
    "output_layers": [["a", 0, 0]],
    "layers": [
        {"class_name": "InputLayer", "name": "q", "inbound_nodes": [],
         "config": {"name": "q", "batch_input_shape": [None, 3, 4], "dtype": "float32"}},
        {"class_name": "InputLayer", "name": "v", "inbound_nodes": [],
         "config": {"name": "v", "batch_input_shape": [None, 3, 4], "dtype": "float32"}},
        {"class_name": "Attention", "name": "a", "config": {"name": "a"},
         "inbound_nodes": [[["q", 0, 0, {"use_causal_mask": True}], ["v", 0, 0, {"use_causal_mask": True}]]]},
    ],
}  # fmt: skip


def _attention(**change: Any) -> Json:
    config = json.loads(json.dumps(ATTENTION))
    for path, value in change.items():
        config["layers"][2]["inbound_nodes"] = value if path == "nodes" else config["layers"][2]["inbound_nodes"]
        config[path] = value if path != "nodes" else None
    config.pop("nodes", None)
    return {"class_name": "Functional", "config": config}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"nodes": [[["q", 0, 0, {"use_causal_mask": True}], ["v", 0, 0, {}]]]}, "different call arguments"),
        ({"nodes": [[["q", 0, 0, {}], ["v", 0, 0]], [["q", 0, 0, 3], ["v", 0, 0, 3]]]}, "not an object"),
        ({"nodes": [[["q", 0, 0, [1]], ["v", 0, 0, [1]]]]}, "not an object"),
        ({"nodes": [[["q", True, 0, {}], ["v", 0, 0, {}]]]}, "names no layer"),
        ({"nodes": [[["q", 0, 0, {}]]]}, "takes 2 to 3"),
        ({"nodes": "x"}, "not a list of calls"),
        ({"input_layers": [["q", 1, 0], ["v", 0, 0]]}, "none of the calls before|index 0"),
        ({"input_layers": [["q", 0, 1], ["v", 0, 0]]}, "index 0"),
        ({"input_layers": [["q", 0, 0], ["q", 0, 0]]}, "twice"),
        ({"input_layers": [["q", 0, 0], ["a", 0, 0]]}, "no InputLayer"),
        ({"output_layers": [["a", 3, 0]]}, "none of the calls before|not there"),
        ({"output_layers": [["b", 0, 0]]}, "not in the model"),
    ],
)
def test_calls(tmp_path: Path, change: Json, says: str) -> None:
    path = write_checkpoint(tmp_path / "m.h5", _attention(**change), {"q": {}, "v": {}, "a": {}}, version="2.11.0")
    with read_checkpoint(path) as checkpoint, pytest.raises(BadConfig, match=says):
        make_plan(checkpoint)


def test_call_arguments_are_kept(tmp_path: Path) -> None:
    path = write_checkpoint(tmp_path / "m.h5", _attention(), {"q": {}, "v": {}, "a": {}}, version="2.11.0")
    with read_checkpoint(path) as checkpoint:
        assert '"use_causal_mask": true' in json.dumps(make_plan(checkpoint).config)


@pytest.mark.parametrize("batch", [None, 2])
def test_state_needs_a_batch(tmp_path: Path, batch: int | None) -> None:
    lstm = layer("LSTM", units=1, recurrent_activation="sigmoid", batch_input_shape=[batch, 3, 2], stateful=True)
    arrays = {"it/kernel:0": (2, 4), "it/recurrent_kernel:0": (1, 4), "it/bias:0": (4,)}
    weights = {"it": {name: np.zeros(shape, "float32") for name, shape in arrays.items()}}
    path = write_checkpoint(tmp_path / "m.h5", sequential(lstm), weights)
    with read_checkpoint(path) as checkpoint:
        if batch is None:
            with pytest.raises(BadConfig, match="size of its batch"):
                make_plan(checkpoint)
        else:
            assert make_plan(checkpoint).groups


@pytest.mark.parametrize("axis", [2, -3, [1, 1], [0, 5]])
def test_axes_that_are_not_there(tmp_path: Path, axis: Any) -> None:
    arrays = {"dense/kernel:0": (4, 3), "dense/bias:0": (3,)}
    weights = {"dense": {name: np.zeros(shape, "float32") for name, shape in arrays.items()}, "it": {}}
    norm = layer("LayerNormalization", axis=axis, scale=False, center=False)
    config = sequential(dense_layer(batch_input_shape=[None, 4]), norm)
    path = write_checkpoint(tmp_path / "m.h5", config, weights)
    with read_checkpoint(path) as checkpoint, pytest.raises(K2to3Error, match="no axes"):
        make_plan(checkpoint)
