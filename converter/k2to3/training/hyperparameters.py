"""Reading `optimizer_config`: names and defaults of the Keras that wrote it."""

from __future__ import annotations

from typing import Any

from k2to3.sources.author import Writer
from k2to3.sources.json_text import Json
from k2to3.training.record import Optimizer
from k2to3.training.schedules import Unsupported, schedule, time_decay
from k2to3.training.values import LOSS_SCALE, OPTIMIZER, problem

# The default learning rate of tf.keras 2 (of standalone Keras, where it had another).
CLASSES: dict[str, dict[str, Any]] = {
    "SGD": {"learning_rate": 0.01, "momentum": 0.0, "nesterov": False},
    "RMSprop": {"learning_rate": 0.001, "rho": 0.9, "momentum": 0.0, "epsilon": 1e-7, "centered": False},
    "Adam": {"learning_rate": 0.001, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7, "amsgrad": False},
    "AdamW": {
        "learning_rate": 0.001,
        "weight_decay": 0.004,
        "beta_1": 0.9,
        "beta_2": 0.999,
        "epsilon": 1e-7,
        "amsgrad": False,
    },
    "Adamax": {"learning_rate": 0.001, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7},
    "Nadam": {"learning_rate": 0.001, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7},
    "Adagrad": {"learning_rate": 0.001, "initial_accumulator_value": 0.1, "epsilon": 1e-7},
    "Adadelta": {"learning_rate": 0.001, "rho": 0.95, "epsilon": 1e-7},
    "Ftrl": {
        "learning_rate": 0.001,
        "learning_rate_power": -0.5,
        "initial_accumulator_value": 0.1,
        "l1_regularization_strength": 0.0,
        "l2_regularization_strength": 0.0,
        "l2_shrinkage_regularization_strength": 0.0,
        "beta": 0.0,
    },
    "Lion": {"learning_rate": 0.001, "beta_1": 0.9, "beta_2": 0.99},
    "Adafactor": {
        "learning_rate": 0.001,
        "beta_2_decay": -0.8,
        "epsilon_1": 1e-30,
        "epsilon_2": 1e-3,
        "clip_threshold": 1.0,
        "relative_step": True,
    },
}
STANDALONE_DEFAULTS = {
    "Adamax": {"learning_rate": 0.002},
    "Nadam": {"learning_rate": 0.002},
    "Adagrad": {"learning_rate": 0.01, "initial_accumulator_value": 0.0},
    "Adadelta": {"learning_rate": 1.0},
}
SHARED = {
    "weight_decay": None,
    "clipnorm": None,
    "global_clipnorm": None,
    "clipvalue": None,
    "use_ema": False,
    "ema_momentum": 0.99,
    "ema_overwrite_frequency": None,
}
# Keras 3 knows no fixed loss scale. Its counter of steps is an int32 and does not get there.
NEVER = 2**31 - 1
NEUTRAL = ("name", "jit_compile", "is_legacy_optimizer", "schedule_decay")


def read_optimizer(value: Any, writer: Writer) -> Optimizer:
    """`optimizer_config` in Keras 3's words.

    Raises:
        Unsupported: a custom optimizer, or an option that Keras 3 does not have.
    """
    if not isinstance(value, dict) or not isinstance(value.get("config"), dict):
        raise Unsupported("the optimizer is not described in the file")
    label = str(value.get("class_name"))
    # tf-keras registers its own optimizers as "Custom>"; another package means another class of that name.
    if ">" in label and not label.startswith("Custom>"):
        raise Unsupported(f"optimizer {label[:60]!r} is not one of Keras's own")
    if wrong := problem(value["config"], OPTIMIZER):
        raise Unsupported(f"optimizer {label[:60]!r}: {wrong}")
    name, config = label.rsplit(">", 1)[-1], value["config"]
    if name.startswith("LossScaleOptimizer"):
        return _loss_scale(config, writer)
    by_lower = {known.lower(): known for known in CLASSES}
    class_name = by_lower.get(name.lower())
    if class_name is None:
        raise Unsupported(f"optimizer {name!r} is not one of Keras's own")
    legacy = not (label.startswith("Custom>") or config.get("is_legacy_optimizer") is False or "use_ema" in config)
    return Optimizer(class_name, _config(class_name, dict(config), writer, legacy), legacy)


def _config(class_name: str, given: Json, writer: Writer, legacy: bool) -> Json:
    defaults = {**SHARED, **CLASSES[class_name]}
    if writer.standalone:
        defaults |= STANDALONE_DEFAULTS.get(class_name, {})
    if "lr" in given:
        given.setdefault("learning_rate", given.pop("lr"))
    decay = given.pop("decay", None) or 0.0
    found = {key: given.pop(key, default) for key, default in defaults.items()}
    for key, default in defaults.items():
        # Some versions wrote null for "the default".
        if found[key] is None and default is not None:
            found[key] = default
    for key in NEUTRAL:
        given.pop(key, None)
    unknown = sorted(key for key, item in given.items() if item not in (None, False))
    if unknown:
        raise Unsupported(f"{class_name} has {unknown[0]!r}, which Keras 3 does not know")
    found["learning_rate"] = _rate(found["learning_rate"], 0.0 if class_name == "Nadam" else decay)
    _clipping(found, writer)
    _epsilon_under_the_root(class_name, found, legacy)
    if found["weight_decay"] == 0 and legacy:
        found["weight_decay"] = None
    return {"name": class_name.lower(), **found}


def _rate(rate: Any, decay: float) -> Any:
    if isinstance(rate, dict):
        if decay:
            raise Unsupported("a learning rate schedule and `decay` at the same time")
        return schedule(rate)
    if not isinstance(rate, (int, float)) or not isinstance(decay, (int, float)):
        raise Unsupported("the learning rate or its decay is not a number")
    return time_decay(float(rate), float(decay)) if decay else float(rate)


def _clipping(config: Json, writer: Writer) -> None:
    """Standalone Keras clipped by the norm of all gradients, and took 0 for "never"."""
    if writer.standalone:
        config["global_clipnorm"] = config.pop("clipnorm") or None
        config["clipnorm"] = None
        config["clipvalue"] = config["clipvalue"] or None
    if sum(config[key] is not None for key in ("clipnorm", "global_clipnorm", "clipvalue")) > 1:
        raise Unsupported("two kinds of gradient clipping at the same time, which Keras 3 refuses")


def rooted(class_name: str, config: Json, legacy: bool) -> bool:
    """Whether Keras 2 added epsilon outside the square root, and Keras 3 inside."""
    if not legacy:
        return False
    return class_name == "Adagrad" or (class_name == "RMSprop" and not config.get("momentum"))


def _epsilon_under_the_root(class_name: str, config: Json, legacy: bool) -> None:
    if rooted(class_name, config, legacy):
        # sqrt(v) + e against sqrt(v + e²): equal at v = 0 and, to rounding, for v ≫ e².
        config["epsilon"] = float(config["epsilon"]) ** 2


def _loss_scale(config: Json, writer: Writer) -> Optimizer:
    if wrong := problem(config, LOSS_SCALE):
        raise Unsupported(f"the loss scale: {wrong}")
    inner = read_optimizer(config.get("inner_optimizer") or config.get("optimizer"), writer)
    initial, steps = _scaling(config)
    found = {"name": "loss_scale_optimizer", "initial_scale": float(initial), "dynamic_growth_steps": int(steps)}
    return Optimizer("LossScaleOptimizer", found, inner.legacy, inner)


def _scaling(config: Json) -> tuple[Any, Any]:
    """The scale and after how many steps it doubles; `NEVER` where it is fixed."""
    settings = config.get("loss_scale")
    if not isinstance(settings, dict):
        if config.get("dynamic", True):
            return config.get("initial_scale") or 2**15, config.get("dynamic_growth_steps") or 2000
        if not config.get("initial_scale"):
            raise Unsupported("a fixed loss scale that the file does not name")
        return config["initial_scale"], NEVER
    # TF 2.1 to 2.3.
    scale = settings.get("config", {})
    wrong = problem(scale, LOSS_SCALE) if isinstance(scale, dict) else "it has no config"
    if wrong:
        raise Unsupported(f"the loss scale: {wrong}")
    if settings.get("class_name") == "FixedLossScale" and scale.get("loss_scale_value"):
        return scale["loss_scale_value"], NEVER
    if settings.get("class_name") != "DynamicLossScale" or scale.get("multiplier", 2) != 2:
        raise Unsupported("a loss scale other than a fixed one and the dynamic one by factors of two")
    return scale.get("initial_loss_scale", 2**15), scale.get("increment_period", 2000)
