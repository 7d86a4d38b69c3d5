"""Loss and metric objects of a `training_config` as Keras 3 objects."""

from __future__ import annotations

from typing import Any

from k2to3.sources.json_text import Json
from k2to3.training.names import ALIASES, AUTOMATIC, LOSSES, METRIC_ALIASES, METRICS, find
from k2to3.training.values import LOSS, problem

REDUCTIONS = {"auto": "sum_over_batch_size", "sum_over_batch_size": "sum_over_batch_size", "sum": "sum"}
# Written by wrappers around plain functions, or the same in every Keras.
NEUTRAL = frozenset({"fn", "name", "dtype", "reduction", "thresholds", "num_classes"})


class Custom(Exception):
    """Not one of Keras's own; the message is its name."""


def loss(value: Any) -> Json:
    """A loss object.

    Raises:
        Custom: a loss of the user's, or one with arguments that Keras 3 does not take.
    """
    label, config = _described(value)
    class_name = find(label, LOSSES, ALIASES)
    if class_name is None:
        raise Custom(label)
    reduction = REDUCTIONS.get(str(config.get("reduction") or "auto"))
    if reduction is None:
        raise Custom(f"{label} with reduction {config['reduction']!r}")
    kept = _arguments(label, config, LOSSES[class_name])
    name = config.get("name") or _snake(class_name)
    return _object("keras.losses", class_name, {"name": name, "reduction": reduction, **kept})


def metric(value: Any) -> Json | str:
    """A metric object, or the name of one that Keras chooses by itself.

    Raises:
        Custom: a metric of the user's, or one with arguments that Keras 3 does not take.
    """
    label, config = _described(value)
    if label in AUTOMATIC:
        return label
    class_name = find(label, METRICS, METRIC_ALIASES)
    if class_name is None:
        raise Custom(label)
    name = config.get("name") or (value if isinstance(value, str) else _snake(class_name))
    kept = _arguments(label, config, METRICS[class_name])
    if class_name == "AUC" and config.get("thresholds") is not None:
        raise Custom("AUC with thresholds of its own")
    return _object("keras.metrics", class_name, {"name": name, **kept})


def _described(value: Any) -> tuple[str, Json]:
    """(name, config) of a string, a function object, a wrapper, or a class object."""
    if isinstance(value, str):
        return value, {}
    if not isinstance(value, dict):
        raise Custom(str(value)[:60])
    label, config = str(value.get("class_name", value.get("name", "?"))), value.get("config")
    if label == "function" or isinstance(config, str):
        return str(config), {}
    config = dict(config) if isinstance(config, dict) else {}
    if label.rsplit(">", 1)[-1] in ("MeanMetricWrapper", "LossFunctionWrapper"):
        function = config.get("fn")
        label = _described(function)[0] if isinstance(function, dict) else str(function)
    return label, config


def _arguments(label: str, config: Json, allowed: tuple[str, ...]) -> Json:
    if wrong := problem(config, LOSS):
        raise Custom(f"{label} whose {wrong}")
    unknown = sorted(k for k, v in config.items() if k not in allowed and k not in NEUTRAL and v not in (None, False))
    if unknown:
        raise Custom(f"{label} with {unknown[0]!r}")
    return {key: config[key] for key in allowed if config.get(key) is not None}


def _snake(name: str) -> str:
    out = "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
    return out.replace("k_l_", "kl_")


def _object(module: str, class_name: str, config: Json) -> Json:
    return {"module": module, "class_name": class_name, "config": config, "registered_name": None}
