"""Inside the worker: what random functions give when their noise is at rest (`--accept-noise-off`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow as tf

from k2to3.bytecode.values import NotRecovered

NORMAL = ("random_normal", "normal", "truncated_normal")
UNIFORM = ("random_uniform", "uniform")
DROPOUT = ("dropout", "dropout_v2")
COMPARISONS = ("greater", "greater_equal", "gt", "ge", "less", "less_equal", "lt", "le")


def at_rest(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """The mean of a sample, the input of a dropout; the signatures are those of TensorFlow and of the backend."""
    if name in DROPOUT:
        return args[0] if args else kwargs["x"]
    if name not in NORMAL + UNIFORM:
        raise NotRecovered(f"{name} has no value without its noise")
    normal = name in NORMAL
    names = ("shape", "mean", "stddev", "dtype") if normal else ("shape", "minval", "maxval", "dtype")
    given = dict(zip(names, args, strict=False)) | dict(kwargs)
    dtype = given.get("dtype") or "float32"
    if normal:
        mean = given.get("mean", 0.0)
    else:
        high = given.get("maxval")
        mean = (given.get("minval", 0.0) + (1.0 if high is None else high)) / 2
    return tf.zeros(given["shape"], dtype) + tf.cast(mean, dtype)
