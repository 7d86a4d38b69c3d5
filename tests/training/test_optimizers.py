"""Optimizer configs of every Keras, and what Keras 3 is told."""

from __future__ import annotations

from typing import Any

import pytest
from k2to3.sources.author import Writer, parse_writer
from k2to3.training.hyperparameters import read_optimizer
from k2to3.training.schedules import Unsupported

STANDALONE, TF2, TF213 = parse_writer("2.2.4", "tensorflow"), parse_writer("2.4.0", None), parse_writer("2.13.1", None)
Json = dict[str, Any]

# Writer, class, config → Keras 3's class and a few of its arguments.
READ: list[tuple[str, Writer, str, Json, str, Json]] = [
    (
        "lr",
        STANDALONE,
        "SGD",
        {"lr": 0.5, "momentum": 0.9, "decay": 0.0},
        "SGD",
        {"learning_rate": 0.5, "momentum": 0.9},
    ),
    ("no key", STANDALONE, "Adadelta", {}, "Adadelta", {"learning_rate": 1.0, "rho": 0.95, "epsilon": 1e-7}),
    ("no key, tf", TF2, "Adadelta", {}, "Adadelta", {"learning_rate": 0.001}),
    ("null epsilon", TF2, "Adam", {"epsilon": None}, "Adam", {"epsilon": 1e-7}),
    ("own epsilon", STANDALONE, "Adam", {"epsilon": 1e-8}, "Adam", {"epsilon": 1e-8}),
    ("outside the root", TF2, "RMSprop", {"epsilon": 1e-4}, "RMSprop", {"epsilon": 1e-8}),
    ("inside with momentum", TF2, "RMSprop", {"epsilon": 1e-4, "momentum": 0.5}, "RMSprop", {"epsilon": 1e-4}),
    ("inside from 2.11", TF213, "Custom>RMSprop", {"epsilon": 1e-4, "use_ema": False}, "RMSprop", {"epsilon": 1e-4}),
    ("global norm", STANDALONE, "SGD", {"clipnorm": 2.0}, "SGD", {"clipnorm": None, "global_clipnorm": 2.0}),
    ("own norm", TF2, "SGD", {"clipnorm": 2.0}, "SGD", {"clipnorm": 2.0, "global_clipnorm": None}),
    (
        "never",
        STANDALONE,
        "SGD",
        {"clipnorm": 0.0, "clipvalue": 0.0},
        "SGD",
        {"clipvalue": None, "global_clipnorm": None},
    ),
    ("schedule_decay", TF2, "Nadam", {"decay": 0.004}, "Nadam", {"learning_rate": 0.001}),
    (
        "AdamW",
        TF213,
        "Custom>AdamW",
        {"weight_decay": 0.1, "is_legacy_optimizer": False},
        "AdamW",
        {"weight_decay": 0.1},
    ),
]


@pytest.mark.parametrize("case", READ, ids=lambda case: case[0])
def test_reads(case: tuple[str, Writer, str, Json, str, Json]) -> None:
    _, writer, class_name, config, wanted, arguments = case
    found = read_optimizer({"class_name": class_name, "config": config}, writer)
    assert found.class_name == wanted
    assert {key: found.config[key] for key in arguments} == pytest.approx(arguments)


def test_decay_becomes_a_schedule() -> None:
    found = read_optimizer({"class_name": "Adam", "config": {"lr": 0.1, "decay": 0.01}}, STANDALONE)
    assert found.config["learning_rate"]["class_name"] == "InverseTimeDecay"
    assert found.config["learning_rate"]["config"] == {
        "initial_learning_rate": 0.1,
        "decay_steps": 1,
        "decay_rate": 0.01,
    }


def test_loss_scale_of_three_generations() -> None:
    inner = {"class_name": "SGD", "config": {"learning_rate": 0.1}}
    settings = {"initial_loss_scale": 8, "increment_period": 5, "multiplier": 2.0}
    for config in (
        {"inner_optimizer": inner, "dynamic": True, "initial_scale": 8.0, "dynamic_growth_steps": 5},
        {"optimizer": inner, "loss_scale": {"class_name": "DynamicLossScale", "config": settings}},
    ):
        found = read_optimizer({"class_name": "LossScaleOptimizer", "config": config}, TF2)
        assert found.inner is not None and found.inner.class_name == "SGD"
        assert found.config["initial_scale"] == 8.0 and found.config["dynamic_growth_steps"] == 5


def test_fixed_loss_scale() -> None:
    inner = {"class_name": "SGD", "config": {"learning_rate": 0.1}}
    for config in (
        {"inner_optimizer": inner, "dynamic": False, "initial_scale": 512, "dynamic_growth_steps": None},
        {"optimizer": inner, "loss_scale": {"class_name": "FixedLossScale", "config": {"loss_scale_value": 512}}},
    ):
        found = read_optimizer({"class_name": "LossScaleOptimizer", "config": config}, TF2)
        assert found.config["initial_scale"] == 512.0 and found.config["dynamic_growth_steps"] == 2**31 - 1


@pytest.mark.parametrize(
    ("class_name", "config", "reason"),
    [
        ("MyOptimizer", {}, "not one of Keras's own"),
        ("Adam", {"warp": 3}, "'warp'"),
        ("Adam", {"clipnorm": 1.0, "clipvalue": 1.0}, "two kinds of gradient clipping"),
        ("Adam", {"learning_rate": {"class_name": "Mine", "config": {}}}, "schedule 'Mine'"),
        ("Adam", {"learning_rate": "fast"}, "not a finite number"),
        ("LossScaleOptimizer", {"inner_optimizer": None}, "not described"),
    ],
)
def test_refuses(class_name: str, config: Json, reason: str) -> None:
    with pytest.raises(Unsupported, match=reason):
        read_optimizer({"class_name": class_name, "config": config}, TF2)
