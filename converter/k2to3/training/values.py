"""What the keys of optimizers, schedules, losses and metrics may hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k2to3.keras2.values.kinds import (
    AXES,
    COUNT,
    FLAG,
    NUMBER,
    OBJECT,
    RATE,
    SIZE,
    TEXT,
    Kind,
    Wrong,
    either,
    one_of,
    optional,
    real,
    sequence,
    shown,
    whole,
)

POSITIVE = real(0)
LARGE = 1 << 20

OPTIMIZER: Mapping[str, Kind] = {
    **dict.fromkeys(("lr", "learning_rate"), either(NUMBER, OBJECT)),
    **dict.fromkeys(("momentum", "rho", "beta_1", "beta_2", "ema_momentum"), RATE),
    **dict.fromkeys(("nesterov", "centered", "amsgrad", "use_ema", "is_legacy_optimizer", "relative_step"), FLAG),
    **dict.fromkeys(("epsilon", "decay", "schedule_decay", "epsilon_1", "epsilon_2"), optional(POSITIVE)),
    **dict.fromkeys(("clipnorm", "global_clipnorm", "clipvalue"), optional(POSITIVE)),
    **dict.fromkeys(("beta_2_decay", "beta"), NUMBER),
    **dict.fromkeys(
        ("initial_accumulator_value", "clip_threshold", "l1_regularization_strength", "l2_regularization_strength",
         "l2_shrinkage_regularization_strength"),
        POSITIVE,
    ),
    "learning_rate_power": real(high=0),
    "weight_decay": optional(one_of(False), POSITIVE),
    "ema_overwrite_frequency": optional(COUNT),
    "jit_compile": either(FLAG, one_of("auto", None)),
    "name": optional(TEXT),
}  # fmt: skip
LOSS_SCALE: Mapping[str, Kind] = {
    "initial_scale": optional(POSITIVE),
    "dynamic_growth_steps": optional(COUNT),
    "dynamic": FLAG,
    "initial_loss_scale": POSITIVE,
    "increment_period": COUNT,
    "multiplier": NUMBER,
    "loss_scale_value": POSITIVE,
}
SCHEDULE: Mapping[str, Kind] = {
    **dict.fromkeys(("decay_steps", "first_decay_steps"), real(1)),
    **dict.fromkeys(
        ("initial_learning_rate", "decay_rate", "end_learning_rate", "power", "alpha", "t_mul", "m_mul"), NUMBER
    ),
    "warmup_target": optional(NUMBER),
    "warmup_steps": optional(SIZE),
    **dict.fromkeys(("staircase", "cycle"), FLAG),
    **dict.fromkeys(("boundaries", "values"), sequence(NUMBER, longest=LARGE)),
    "name": optional(TEXT),
}
NUMBERS = either(NUMBER, sequence(NUMBER, longest=LARGE))
LOSS: Mapping[str, Kind] = {
    **dict.fromkeys(
        ("from_logits", "apply_class_balancing", "multi_label", "sparse_y_true", "sparse_y_pred"), optional(FLAG)
    ),
    **dict.fromkeys(("label_smoothing", "recall", "precision", "specificity", "sensitivity"), RATE),
    **dict.fromkeys(("alpha", "gamma", "delta", "beta"), NUMBERS),
    **dict.fromkeys(("threshold", "thresholds", "label_weights"), optional(NUMBERS)),
    **dict.fromkeys(("num_labels", "k", "num_classes", "num_regressors", "top_k"), optional(COUNT)),
    "ignore_class": optional(whole()),
    "num_thresholds": whole(2, LARGE),
    "class_id": optional(SIZE),
    "axis": AXES,
    "target_class_ids": sequence(SIZE, longest=LARGE),
    "curve": one_of("ROC", "PR"),
    "summation_method": one_of("interpolation", "minoring", "majoring"),
    "average": one_of(None, "micro", "macro", "weighted"),
    "class_aggregation": one_of(None, "uniform_average", "variance_weighted_average"),
    "name": optional(TEXT),
    "reduction": optional(TEXT),
}


def problem(config: Mapping[str, Any], keys: Mapping[str, Kind]) -> str | None:
    """What is wrong with a config; None where nothing is."""
    for key, value in config.items():
        wrong: Wrong | None = keys[key](value) if key in keys else None
        if wrong is not None:
            where = wrong.inside(key)
            return f"{where.key} is {shown(where.value)}, not {where.allowed}"
    return None
