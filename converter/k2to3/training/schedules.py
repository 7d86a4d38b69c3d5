"""Learning rate schedules: the same six classes and formulas in both Kerases."""

from __future__ import annotations

from k2to3.sources.json_text import Json
from k2to3.training.values import SCHEDULE, problem

SCHEDULES: dict[str, tuple[str, ...]] = {
    "ExponentialDecay": ("initial_learning_rate", "decay_steps", "decay_rate", "staircase"),
    "InverseTimeDecay": ("initial_learning_rate", "decay_steps", "decay_rate", "staircase"),
    "PiecewiseConstantDecay": ("boundaries", "values"),
    "PolynomialDecay": ("initial_learning_rate", "decay_steps", "end_learning_rate", "power", "cycle"),
    "CosineDecay": ("initial_learning_rate", "decay_steps", "alpha", "warmup_target", "warmup_steps"),
    "CosineDecayRestarts": ("initial_learning_rate", "first_decay_steps", "t_mul", "m_mul", "alpha"),
}


class Unsupported(Exception):
    """The optimizer cannot be carried; the message says what and why."""


def schedule(value: Json) -> Json:
    """A serialised schedule as Keras 3 reads it.

    Raises:
        Unsupported: a custom schedule, or an argument that Keras 3 does not have.
    """
    class_name = str(value.get("class_name")).rsplit(">", 1)[-1]
    config = value.get("config")
    if class_name not in SCHEDULES or not isinstance(config, dict):
        raise Unsupported(f"learning rate schedule {class_name!r} is not one of Keras 3's")
    if wrong := problem(config, SCHEDULE):
        raise Unsupported(f"learning rate schedule {class_name}: {wrong}")
    allowed = SCHEDULES[class_name]
    unknown = sorted(k for k, v in config.items() if k not in (*allowed, "name") and v is not None)
    if unknown:
        raise Unsupported(f"learning rate schedule {class_name} has {unknown[0]!r}")
    kept = {key: config[key] for key in allowed if config.get(key) is not None}
    return _object(class_name, kept)


def time_decay(rate: float, decay: float) -> Json:
    """`lr / (1 + decay × step)`, which Keras 2 optimizers had built in as `decay`."""
    return _object("InverseTimeDecay", {"initial_learning_rate": rate, "decay_steps": 1, "decay_rate": decay})


def _object(class_name: str, config: Json) -> Json:
    return {
        "module": "keras.optimizers.schedules",
        "class_name": class_name,
        "config": config,
        "registered_name": None,
    }
