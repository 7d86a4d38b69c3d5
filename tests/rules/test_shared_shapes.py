"""One layer called on inputs of different shapes: each call gets what its own shape needs, weights stay shared."""

from __future__ import annotations

from typing import Any

import k2to3
import numpy as np
import pytest
from conftest import write_checkpoint


def twice(class_name: str, *shapes: tuple[int | None, ...], **config: Any) -> dict[str, Any]:
    """A model of one layer that is called on an input of each shape."""
    inputs = [
        {"class_name": "InputLayer", "name": f"in{i}", "inbound_nodes": [],
         "config": {"name": f"in{i}", "batch_input_shape": [None, *shape], "dtype": "float32"}}
        for i, shape in enumerate(shapes)
    ]  # fmt: skip
    nodes = [[[f"in{i}", 0, 0, {}]] for i in range(len(shapes))]
    layer = {"class_name": class_name, "name": "l", "inbound_nodes": nodes, "config": {"name": "l", **config}}
    ends = {
        "input_layers": [[f"in{i}", 0, 0] for i in range(len(shapes))],
        "output_layers": [["l", i, 0] for i in range(len(shapes))],
    }
    return {"class_name": "Functional", "config": {"name": "m", "layers": [*inputs, layer], **ends}}


def outputs(tmp_path: Any, config: dict[str, Any], weights: Any, values: list[Any]) -> list[Any]:
    """What the archive computes in Keras 3."""
    import keras

    path = write_checkpoint(tmp_path / "old.h5", config, weights, version="2.11.0")
    k2to3.convert(path, tmp_path / "new.keras", verify="weights")
    model = keras.saving.load_model(tmp_path / "new.keras", compile=False)
    return [np.asarray(value) for value in model(values)]


def hard_sigmoid(x: Any) -> Any:
    return np.clip(0.2 * x + 0.5, 0, 1)


def unit(x: Any) -> Any:
    return x / np.sqrt(np.maximum(np.sum(x * x, -1, keepdims=True), 1e-12))


def soft(x: Any) -> Any:
    powers = np.exp(x - x.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


@pytest.mark.keras
@pytest.mark.parametrize(
    ("class_name", "config", "function"),
    [
        ("Activation", {"activation": "hard_sigmoid"}, hard_sigmoid),
        ("UnitNormalization", {"axis": [-1]}, unit),
        ("Softmax", {"axis": [-1]}, soft),
        ("ThresholdedReLU", {"theta": 0.5}, lambda x: np.where(x > 0.5, x, 0)),
        ("LeakyReLU", {"alpha": 0.3}, lambda x: np.where(x > 0, x, 0.3 * x)),
        ("Flatten", {}, lambda x: x.reshape(len(x), -1)),
    ],
)
def test_layers_without_weights(tmp_path, class_name, config, function):
    values = [np.random.default_rng(0).normal(size=(2, *shape)).astype("float32") for shape in ((4,), (10, 3))]
    found = outputs(tmp_path, twice(class_name, (4,), (10, 3), **config), {"in0": {}, "in1": {}, "l": {}}, values)
    for value, output in zip(values, found, strict=True):
        np.testing.assert_allclose(output, function(value), rtol=1e-5, atol=1e-6)


@pytest.mark.keras
def test_weights_stay_shared(tmp_path):
    random = np.random.default_rng(1)
    kernel, bias = random.normal(size=(4, 6)).astype("float32"), random.normal(size=6).astype("float32")
    weights = {"l": {"l/kernel:0": kernel, "l/bias:0": bias}}
    values = [random.normal(size=(2, *shape)).astype("float32") for shape in ((4,), (10, 4), (3, 5, 4))]
    config = twice("Dense", (4,), (10, 4), (3, 5, 4), units=6, activation="hard_sigmoid")
    found = outputs(tmp_path, config, weights, values)
    for value, output in zip(values, found, strict=True):
        np.testing.assert_allclose(output, hard_sigmoid(value @ kernel + bias), rtol=1e-5, atol=1e-6)
    report = k2to3.plan(tmp_path / "old.h5")
    assert len(report.variables) == 2 and len(report.findings) == len(set(map(str, report.findings)))


def test_a_layer_is_one_where_nothing_depends_on_the_shape(tmp_path):
    """Open and fixed lengths: still one Conv1D."""
    weights = {"l": {"l/kernel:0": np.ones((3, 4, 2), "float32"), "l/bias:0": np.zeros(2, "float32")}}
    config = twice("Conv1D", (9, 4), (None, 4), filters=2, kernel_size=[3])
    path = write_checkpoint(tmp_path / "old.h5", config, weights)
    assert [variable["layer"] for variable in k2to3.plan(path).variables] == ["l", "l"]


def test_statistics_stand_in_the_order_of_the_input(tmp_path):
    """`Normalization(axis=(2, 1))` keeps its mean as (extent 1, extent 2)."""
    mean = np.arange(6, dtype="float32").reshape(2, 3)
    weights = {"l": {"l/mean:0": mean, "l/variance:0": mean + 1, "l/count:0": np.array(5, "int64")}}
    for axis in ([2, 1], [-1, 1], [1, -1], [1, 2]):
        path = write_checkpoint(tmp_path / "old.h5", twice("Normalization", (2, 3), axis=axis), weights)
        report = k2to3.plan(path)
        assert [tuple(variable["shape"]) for variable in report.variables] == [(2, 3), (2, 3), ()]
    old = write_checkpoint(tmp_path / "o.h5", twice("Normalization", (2, 3), axis=[2, 1]), weights, version="2.3.0-tf")
    with pytest.raises(k2to3.K2to3Error):
        k2to3.plan(old)


@pytest.mark.parametrize("freeze", [True, False])
def test_frozen_batch_normalization(tmp_path, freeze):
    """keras-resnet's layer under Keras's own name."""
    names = ("gamma", "beta", "moving_mean", "moving_variance")
    weights = {"l": {f"l/{name}:0": np.ones(3, "float32") for name in names}}
    path = write_checkpoint(tmp_path / "old.h5", twice("BatchNormalization", (5, 3), axis=2, freeze=freeze), weights)
    if freeze:
        assert any(f.kind == "dropped" and "freeze" in f.text for f in k2to3.plan(path).findings)
    else:
        with pytest.raises(k2to3.UnsupportedOption, match="not frozen") as caught:
            k2to3.plan(path)
        assert "freeze=True" in str(caught.value)
