"""Answers what Keras 3 itself says of the outputs of ops and layers: one job, one line."""

from __future__ import annotations

import importlib
import json
import sys

import keras
import numpy as np
from keras import KerasTensor


def decode(value):
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "tensor" in value:
        shape, dtype = value["tensor"]
        found = KerasTensor(tuple(shape), dtype=dtype)
        if value.get("masked"):
            found._keras_mask = KerasTensor(tuple(shape[:2]), dtype="bool")
        return found
    if "array" in value:
        shape, dtype = value["array"]
        return np.zeros(shape, dtype)
    if "slice" in value:
        return slice(*value["slice"])
    return ... if "ellipsis" in value else {key: decode(item) for key, item in value.items()}


def described(found):
    return [[list(each.shape), keras.backend.standardize_dtype(each.dtype)] for each in keras.tree.flatten(found)]


def op(job):
    module, name = job["symbol"].split(".")
    made = getattr(importlib.import_module(f"keras.src.ops.{module}"), name)(**decode(job["config"]))
    args = [decode(value) for value in job["args"]]
    if name == "GetItem":
        args[1] = tuple(args[1])
    return {"outputs": described(made.compute_output_spec(*args, **decode(job["kwargs"])))}


def built(config):
    """A layer from settings in which layers inside stand as `[class, config]`, or a list of such ones."""
    if not isinstance(config[0], str):
        return [built(each) for each in config]
    name, settings = config
    inner = {key: built(value) if key in ("layer", "cell", "cells") else value for key, value in settings.items()}
    return getattr(keras.layers, name)(**inner)


def layer(job):
    made = built(job["layer"])
    inputs = decode(job["inputs"])
    if job["runs"]:
        shape, dtype = job["inputs"]["tensor"]
        inputs = np.ones([2 if n is None else n for n in shape], dtype)
    found = made(*inputs) if job["spread"] else made(inputs, **decode(job["kwargs"]))
    masks = [getattr(each, "_keras_mask", None) is not None for each in keras.tree.flatten(found)]
    return {"outputs": described(found), "masks": masks}


def answer(job):
    try:
        return op(job) if "symbol" in job else layer(job)
    except Exception as error:  # whatever Keras says is the answer
        return {"refused": f"{type(error).__name__}: {error}"[:300]}


print(json.dumps({"keras": keras.__version__}), flush=True)
for line in sys.stdin:
    print(json.dumps([answer(job) for job in json.loads(line)["jobs"]]), flush=True)
