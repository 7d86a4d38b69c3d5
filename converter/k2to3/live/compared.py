"""A planned Keras 3 layer and a live one: whether they compute the same from the same variables."""

from __future__ import annotations

import inspect
from math import isfinite
from typing import Any

import numpy as np

from k2to3.errors import UnsupportedOption, WeightMismatch
from k2to3.keras3.graph import Submodel
from k2to3.keras3.layer import Layer
from k2to3.sources.json_text import Json

# Names, training, and what the calls around a layer decide.
NOT_COMPARED = frozenset(
    {"name", "trainable", "dtype", "seed", "zero_output_for_mask", "build_config", "unroll", "use_cudnn", "stateful"}
)
TRAINING = ("_initializer", "_regularizer", "_constraint")
# Of training alone, by class where a word means more elsewhere.
RATES = frozenset({"momentum", "dropout", "recurrent_dropout", "unit_forget_bias", "rate", "stddev", "noise_shape"})
WAY_OUT = "change the model, or take the file's own: k2to3.load_model"


def check_same(planned: Layer, live: Any, config: Json, layer: str) -> None:
    """
    Raises:
        WeightMismatch: another class. UnsupportedOption: an argument that means another value in the file.
    """
    if planned.custom is not None:
        return
    name = type(live).__name__
    if planned.class_name != name:
        raise WeightMismatch(
            f"the file means a {planned.class_name} of Keras 3 here, the model has a {name}", layer=layer, hint=WAY_OUT
        )
    # The cell inside of a layer is described by the layer.
    meant = {**(_defaults(type(live)) if planned.config else {}), **planned.config}
    for key, value in meant.items():
        if key in NOT_COMPARED | RATES or key.endswith(TRAINING) or key not in config or _held(value):
            continue
        if not _equal(value, config[key]) and not (key == "axis" and _same_axes(value, config[key], live)):
            raise UnsupportedOption(
                f"the file means {value!r}, the model says {config[key]!r}", layer=layer, key=key, hint=WAY_OUT
            )


def _defaults(kind: type) -> Json:
    """What an argument means that an archive leaves out; None stands for what the other arguments make of it."""
    parameters = inspect.signature(kind).parameters.items()
    empty = (inspect.Parameter.empty, None)
    return {name: found.default for name, found in parameters if not any(found.default is item for item in empty)}


def _held(value: Any) -> bool:
    """Layers inside of a layer are compared by themselves."""
    return isinstance(value, Layer) or (isinstance(value, list) and any(isinstance(item, Layer) for item in value))


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(_equal(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, (list, tuple)) != isinstance(other, (list, tuple)):
        # One number for every axis.
        many, single = (one, other) if isinstance(one, (list, tuple)) else (other, one)
        return len(many) > 0 and all(item == single for item in many)
    if isinstance(one, dict) and isinstance(other, dict):
        return all(_equal(one[key], other.get(key)) for key in ("class_name", "config") if key in one)
    if isinstance(one, float) and isinstance(other, float):
        # Keras 2 wrote some as the nearest number of 32 bits.
        return one == other or bool(isfinite(one) and np.isclose(one, other, rtol=2**-24, atol=0))
    return bool(one == other)


def _same_axes(one: Any, other: Any, live: Any) -> bool:
    """Axes counted from the front in one and from the end in the other, as `BatchNormalization()` of Keras 3 does."""
    nodes = getattr(live, "_inbound_nodes", [])
    called = [tensor.shape for tensor in nodes[0].input_tensors[:1]] if nodes else [()]
    # A layer without weights need not know what it was built on; one inside of a wrapper is called by nothing.
    built: Any = (live.get_build_config() or {}).get("input_shape") or called[0]
    given = [list(axes) if isinstance(axes, (list, tuple)) else [axes] for axes in (one, other)]
    if any(isinstance(extent, (list, tuple)) for extent in built):
        built = built[0]
    if not built or not all(type(axis) is int for axes in given for axis in axes):
        return False
    return [axis % len(built) for axis in given[0]] == [axis % len(built) for axis in given[1]]


def single(planned: Submodel) -> Layer | None:
    """The one layer with variables of what a rule built of several, where that stands between others for the order of
    axes alone."""
    layers = [node.operation for node in planned.graph.nodes if isinstance(node.operation, Layer)]
    weighted = [layer for layer in layers if layer.variables or layer.children]
    others = {layer.class_name for layer in layers if layer not in weighted} - {"InputLayer", "Permute"}
    return weighted[0] if len(weighted) == 1 and not others else None
