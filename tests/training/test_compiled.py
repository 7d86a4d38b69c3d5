"""Losses and metrics: every spelling, one entry per output, custom ones dropped by name."""

from __future__ import annotations

from typing import Any

import pytest
from k2to3.findings import Finding
from k2to3.keras2.model import LayerRecord, Model, Ref
from k2to3.training.compiled import compile_config
from k2to3.training.losses import Custom, loss, metric
from k2to3.training.record import Optimizer

SGD = Optimizer("SGD", {"learning_rate": 0.1}, True)


def model(*outputs: str) -> Model:
    layers = tuple(LayerRecord("Dense", name, {}) for name in outputs)
    return Model("m", layers, [], [Ref(name) for name in outputs], False)


def compiled(given: dict[str, Any], *outputs: str) -> tuple[dict[str, Any], list[Finding]]:
    findings: list[Finding] = []
    return compile_config(SGD, given, model(*outputs), findings)[0], findings


@pytest.mark.parametrize(
    ("value", "class_name", "arguments"),
    [
        ("mse", "MeanSquaredError", {}),
        ("categorical_crossentropy", "CategoricalCrossentropy", {}),
        ("cosine_proximity", "CosineSimilarity", {}),
        ("kullback_leibler_divergence", "KLDivergence", {}),
        ("logcosh", "LogCosh", {}),
        ({"class_name": "function", "config": "huber_loss"}, "Huber", {}),
        (
            {"class_name": "BinaryCrossentropy", "config": {"reduction": "auto", "from_logits": True, "fn": "x"}},
            "BinaryCrossentropy",
            {"from_logits": True, "reduction": "sum_over_batch_size"},
        ),
        ({"class_name": "MeanSquaredError", "config": {"reduction": "sum"}}, "MeanSquaredError", {"reduction": "sum"}),
    ],
)
def test_losses(value: Any, class_name: str, arguments: dict[str, Any]) -> None:
    found = loss(value)
    assert found["class_name"] == class_name
    assert arguments.items() <= found["config"].items()


@pytest.mark.parametrize("value", ["my_loss", {"class_name": "function", "config": "focal"}, {"class_name": "Mine"}])
def test_custom_losses(value: Any) -> None:
    with pytest.raises(Custom):
        loss(value)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("acc", "acc"),
        ("mae", ("MeanAbsoluteError", "mae")),
        ("top_k_categorical_accuracy", ("TopKCategoricalAccuracy", "top_k_categorical_accuracy")),
        (
            {
                "class_name": "MeanMetricWrapper",
                "config": {"name": "accuracy", "dtype": "float32", "fn": "binary_accuracy"},
            },
            ("BinaryAccuracy", "accuracy"),
        ),
        ({"class_name": "Custom>Precision", "config": {"name": "p", "thresholds": None}}, ("Precision", "p")),
    ],
)
def test_metrics(value: Any, wanted: Any) -> None:
    found = metric(value)
    assert found == wanted if isinstance(found, str) else (found["class_name"], found["config"]["name"]) == wanted


def test_by_output_name_in_any_order() -> None:
    given = {
        "loss": {"b": "mae", "a": "mse"},
        "loss_weights": {"b": 0.25},
        "metrics": {"b": ["acc"]},
        "sample_weight_mode": None,
    }
    config, findings = compiled(given, "a", "b")
    assert [item["class_name"] for item in config["loss"]] == ["MeanSquaredError", "MeanAbsoluteError"]
    assert config["loss_weights"] == [1.0, 0.25]
    assert config["metrics"] == [[], ["acc"]]
    assert findings == []


def test_one_for_all() -> None:
    config, _ = compiled({"loss": "mse", "metrics": ["acc", "mae"]}, "a", "b")
    assert len(config["loss"]) == 2 and len(config["metrics"]) == 2 and len(config["metrics"][0]) == 2
    single, _ = compiled({"loss": {"a": "mse"}, "metrics": ["acc"]}, "a")
    assert single["loss"]["class_name"] == "MeanSquaredError" and single["metrics"] == ["acc"]


def test_custom_ones_are_dropped_by_name() -> None:
    config, findings = compiled(
        {"loss": "dice", "metrics": ["acc", "my_metric"], "sample_weight_mode": "temporal"}, "a"
    )
    assert config["loss"] is None and config["metrics"] == ["acc"]
    assert [f.kind for f in findings] == ["dropped"] * 3
    assert "dice" in findings[0].text and "my_metric" in findings[1].text
