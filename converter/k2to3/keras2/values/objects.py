"""Initializers, regularizers, constraints, dtype policies: objects inside a layer's config."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k2to3.keras2.values.kinds import (
    ANY_AXES,
    COUNT,
    NOTHING,
    NUMBER,
    RATE,
    TEXT,
    Kind,
    Wrong,
    either,
    is_number,
    kind,
    one_of,
    optional,
    plain,
    real,
    whole,
)

Keys = Mapping[str, Kind]
POSITIVE = real(0)
SEED = optional(whole())


def _array(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_array, value))
    return is_number(value)


def _numpy(value: Any) -> Any:
    """The numbers of `{"class_name": "__numpy__", "config": {"value": ...}}`, which TF 2.13 wrote."""
    if isinstance(value, dict) and value.get("class_name") == "__numpy__":
        inner = value.get("config")
        return inner.get("value") if isinstance(inner, dict) else None
    return plain(value)


NUMBERS = kind("numbers", lambda value: isinstance(value, bool) or _array(_numpy(value)))
NEUTRAL: Keys = {"dtype": optional(TEXT), "name": optional(TEXT), "partition_info": NOTHING, "partition_shape": NOTHING}

_NORMAL: Keys = {"mean": NUMBER, "stddev": POSITIVE, "seed": SEED}
_SEEDED: Keys = {"seed": SEED}
# By class name in lower case, without underscores and "V1".
INITIALIZERS: Mapping[str, Keys] = {
    "zeros": {},
    "ones": {},
    "constant": {"value": NUMBERS},
    "randomnormal": _NORMAL,
    "truncatednormal": _NORMAL,
    "randomuniform": {"minval": optional(NUMBER), "maxval": optional(NUMBER), "seed": SEED},
    "variancescaling": {
        "scale": kind("a number above 0", lambda value: real(0)(value) is None and plain(value) > 0),
        "mode": one_of("fan_in", "fan_out", "fan_avg"),
        "distribution": one_of("normal", "uniform", "truncated_normal", "untruncated_normal"),
        "seed": SEED,
    },
    "glorotuniform": _SEEDED,
    "glorotnormal": _SEEDED,
    "henormal": _SEEDED,
    "heuniform": _SEEDED,
    "lecunnormal": _SEEDED,
    "lecununiform": _SEEDED,
    "orthogonal": {"gain": NUMBER, "seed": SEED},
    "identity": {"gain": NUMBER},
}
_L1L2: Keys = {"l1": optional(POSITIVE), "l2": optional(POSITIVE)}
REGULARIZERS: Mapping[str, Keys] = {
    "l1": _L1L2,
    "l2": _L1L2,
    "l1l2": _L1L2,
    "weightregularizer": _L1L2,
    "activityregularizer": _L1L2,
    "l1l2regularizer": _L1L2,
    "orthogonalregularizer": {"factor": POSITIVE, "mode": one_of("rows", "columns")},
}
_LIMIT = real(0, finite=False)
CONSTRAINTS: Mapping[str, Keys] = {
    "maxnorm": {"max_value": _LIMIT, "m": _LIMIT, "axis": ANY_AXES},
    "nonneg": {},
    "unitnorm": {"axis": ANY_AXES},
    "minmaxnorm": {"min_value": POSITIVE, "max_value": _LIMIT, "rate": RATE, "axis": ANY_AXES},
}


def check_keys(config: Mapping[str, Any], keys: Keys, name: str) -> Wrong | None:
    """Every key of a config: known, and of its kind."""
    for key, value in config.items():
        check = keys.get(key) or NEUTRAL.get(key)
        if check is None:
            return Wrong(value, f"a key of {name}", key)
        if wrong := check(value):
            return wrong.inside(key)
    return None


def object_of(table: Mapping[str, Keys]) -> Kind:
    """A name or `{"class_name": ..., "config": ...}`; classes that are not in `table` are the author's own."""

    def check(value: Any) -> Wrong | None:
        if not isinstance(value, dict):
            return optional(TEXT)(value)
        if "class_name" not in value and isinstance(value.get("name"), str):
            # Keras 1.
            return _keys(value["name"], {k: v for k, v in value.items() if k != "name"}, table)
        name, config = value.get("class_name"), value.get("config")
        if not isinstance(name, str):
            return Wrong(name, "a class name", "class_name")
        if wrong := _place(value):
            return wrong
        if not isinstance(config, dict):
            known = _plain_name(name) in table
            fine = config is None or (isinstance(config, str) and not known)
            return None if fine else Wrong(config, "an object", "config")
        return _keys(name, config, table)

    return check


def _place(value: Mapping[str, Any]) -> Wrong | None:
    """Where the class comes from: texts, where the file says so."""
    for key in ("module", "registered_name"):
        if wrong := optional(TEXT)(value.get(key)):
            return wrong.inside(key)
    return None


def _plain_name(name: str) -> str:
    return name.lower().replace("_", "").removesuffix("v1").removesuffix("v2").removesuffix("initializer")


def _keys(name: str, config: Mapping[str, Any], table: Mapping[str, Keys]) -> Wrong | None:
    label = _plain_name(name)
    return check_keys(config, table[label], name) if label in table else None


INITIALIZER = object_of(INITIALIZERS)
REGULARIZER = object_of(REGULARIZERS)
CONSTRAINT = object_of(CONSTRAINTS)
_LOSS_SCALE: Mapping[str, Keys] = {
    "dynamiclossscale": {"initial_loss_scale": NUMBER, "increment_period": COUNT, "multiplier": NUMBER},
    "fixedlossscale": {"loss_scale_value": NUMBER},
}
DTYPES = (
    "float16", "float32", "float64", "bfloat16", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32",
    "uint64", "bool", "string", "complex64", "complex128", "mixed_float16", "mixed_bfloat16", "_infer", "infer",
    "policy",
)  # fmt: skip
DTYPE = one_of(*DTYPES)
_POLICY: Keys = {
    "name": DTYPE,
    "loss_scale": either(optional(TEXT, NUMBER), object_of(_LOSS_SCALE)),
}
POLICIES = ("Policy", "PolicyV1", "PolicyV2", "DTypePolicy")


def INPUT_DTYPE(value: Any) -> Wrong | None:
    """Numbers have one type, not one for computing and one for weights."""
    if isinstance(value, str) and value.startswith("mixed_"):
        return Wrong(value, "a type of numbers, no policy")
    return POLICY(value)


def POLICY(value: Any) -> Wrong | None:
    """A name, or an object of which the name is all that counts."""
    if not isinstance(value, dict):
        return optional(DTYPE)(value)
    if value.get("class_name") not in POLICIES:
        return Wrong(value.get("class_name"), "a dtype policy", "class_name")
    config = value.get("config")
    if not isinstance(config, dict) or "name" not in config:
        wrong = DTYPE(config)
        return wrong.inside("config") if wrong else None
    wrong = check_keys(config, _POLICY, "a dtype policy") or _place(value)
    return wrong.inside("config") if wrong else None


def TEXT_POLICY(value: Any) -> Wrong | None:
    """That of a layer for texts alone."""
    if isinstance(value, dict) and value.get("class_name") not in POLICIES:
        return Wrong(value.get("class_name"), "a dtype policy", "class_name")
    inner = value.get("config") if isinstance(value, dict) else value
    name = inner.get("name") if isinstance(inner, dict) else inner
    return None if name in (None, "string") else Wrong(value, "the dtype of texts, 'string'")
