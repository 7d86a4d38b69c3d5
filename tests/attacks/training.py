"""Training configs whose optimizer, losses and metrics name what they should not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attacks.attack import HARMLESS, Attack, Made
from attacks.objects import CLASS, OBJECTS, TRACES, checkpoint, top

Json = dict[str, Any]
ADAM: Json = {"class_name": "Adam", "config": {"learning_rate": 0.001}}


def compiled(**more: Any) -> Json:
    return {"optimizer_config": ADAM, "loss": "mse", "metrics": [], "sample_weight_mode": None, **more}


def optimizer(**more: Any) -> Json:
    return compiled(optimizer_config={"class_name": "Adam", "config": {"learning_rate": 0.001, **more}})


def schedule(value: Any) -> Json:
    inner = {"initial_learning_rate": value, "decay_steps": 10, "decay_rate": 0.9}
    return optimizer(learning_rate={"class_name": "ExponentialDecay", "config": inner})


PLACES = {
    "the optimizer": lambda value: compiled(optimizer_config=value),
    "the learning rate": lambda value: optimizer(learning_rate=value),
    "an epsilon": lambda value: optimizer(epsilon=value),
    "a key of the optimizer": lambda value: optimizer(surprise=value),
    "a schedule": schedule,
    "the inner optimizer of a loss scale": lambda value: compiled(
        optimizer_config={"class_name": "LossScaleOptimizer", "config": {"inner_optimizer": value}}
    ),
    "a loss": lambda value: compiled(loss=value),
    "a list of losses": lambda value: compiled(loss=[value]),
    "losses by name": lambda value: compiled(loss={"dense": value}),
    "a metric": lambda value: compiled(metrics=[value]),
    "a metric of an object": lambda value: compiled(
        metrics=[{"class_name": "MeanMetricWrapper", "config": {"name": "m", "dtype": "float32", "fn": value}}]
    ),
    "weighted metrics": lambda value: compiled(weighted_metrics=[[value]]),
    "the weights of losses": lambda value: compiled(loss_weights=value),
}


def _made(training: Json) -> Any:
    def make(folder: Path) -> Made:
        return Made(checkpoint(folder, *top({}), training))

    return make


def _attacks() -> Iterator[Attack]:
    for place, change in PLACES.items():
        for what, (stands_for, value) in OBJECTS.items():
            if place in ("the optimizer", "a loss", "a metric") or value is CLASS:
                yield Attack(f"{what} as {place}", stands_for, _made(change(value)), HARMLESS, traces=TRACES)


ATTACKS = list(_attacks())
