"""The input shape of a Sequential model whose file does not tell, or of an input that the file leaves open.

Keras 2.0 to 2.2 dropped the InputLayer that a Sequential began with, and with it the shape
(keras-team/keras#10417: "a weight file containing 2 layers into a model with 0 layers").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k2to3.errors import UsageError

Json = dict[str, Any]


Shape = tuple[int | None, ...]


def extents_given(example: str) -> str:
    """What gives a model the extents that its file leaves open."""
    return f"give the input its extents: --input-shape {example}, or NAME={example} in a Functional model"


def with_input_shape(config: Json, shape: Shape | None, named: Mapping[str, Shape] | None = None) -> Json:
    """The architecture with the shape of one sample in its first layer, or in the InputLayers that are `named`.

    Raises:
        UsageError: `shape` is given, but the model is no Sequential or says another shape; or there is no such input.
    """
    if named:
        return _with_named(config, named)
    if shape is None:
        return config
    inner = config["config"]
    layers = inner if isinstance(inner, list) else inner.get("layers", [])
    if config["class_name"] != "Sequential" or not layers:
        raise UsageError(
            "--input-shape is for Sequential models; the file of this one tells its inputs",
            hint="where an extent is open, name the input: --input-shape NAME=28,28,1",
        )
    changed = [_shaped(layers[0], shape, str(list(shape))), *layers[1:]]
    return {**config, "config": changed if isinstance(inner, list) else {**inner, "layers": changed}}


def _shaped(layer: Json, shape: Shape, said: str) -> Json:
    """A layer that says its input's shape, or did not; an open extent may become fixed, never another."""
    key = "batch_shape" if "batch_shape" in layer["config"] else "batch_input_shape"
    known = layer["config"].get(key)
    if known is not None:
        # An Embedding without input_length says [None, None].
        same = len(known) == len(shape) + 1
        if not same or any(a not in (None, b) for a, b in zip(known[1:], shape, strict=True)):
            raise UsageError(f"--input-shape {said}, but the file says {list(known)[1:]}")
    batch = None if known is None else known[0]
    return {**layer, "config": {**layer["config"], key: [batch, *shape]}}


def _with_named(config: Json, named: Mapping[str, Shape]) -> Json:
    inner = config["config"]
    layers = inner if isinstance(inner, list) else inner.get("layers", [])
    inputs = {item["config"].get("name") for item in layers if item["class_name"] == "InputLayer"}
    for name in named:
        if name not in inputs:
            known = ", ".join(sorted(map(str, inputs))) or "none"
            raise UsageError(f"--input-shape {name}: the model has no input of that name", hint=f"its inputs: {known}")
    changed = [_with_its_own(item, named) for item in layers]
    return {**config, "config": changed if isinstance(inner, list) else {**inner, "layers": changed}}


def _with_its_own(layer: Json, named: Mapping[str, Shape]) -> Json:
    name = str(layer["config"].get("name"))
    if layer["class_name"] != "InputLayer" or name not in named:
        return layer
    return _shaped(layer, named[name], f"{name}={list(named[name])}")
