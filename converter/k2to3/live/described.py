"""The layers of a live Keras 3 model as records of Keras 2: what a file of weights alone is read by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k2to3.errors import UnsupportedOption, UsageError
from k2to3.keras2.constructor_defaults import defaults_of
from k2to3.keras2.model import LayerRecord, Model
from k2to3.keras2.parse import parts
from k2to3.keras3.graph import Graph, Tensor
from k2to3.sources.author import Writer
from k2to3.sources.json_text import Json

# What Keras 3 alone writes, which changes nothing where it is off.
OWN = frozenset(
    {"quantization_config", "lora_rank", "lora_alpha", "use_cudnn", "synchronized", "rms_scaling", "use_gate",
     "sliding_window", "flash_attention"}
)  # fmt: skip
# How training begins, and what the graph around the layer decides.
SILENT = ("_initializer", "_regularizer", "_constraint")
LEFT_OUT = frozenset({"seed", "zero_output_for_mask", "build_config"})
HELD = ("layer", "backward_layer", "cell", "cells")
# Their value is told by the shapes of weights, or is of training alone.
TOLD = frozenset({"reset_after", "momentum", "fill_mode"})


def sublayers(model: Any) -> list[Any]:
    """The layers of a model but its inputs."""
    return [layer for layer in model.layers if type(layer).__name__ != "InputLayer"]


def is_model(layer: Any) -> bool:
    return hasattr(layer, "layers") and hasattr(layer, "get_layer")


def model_record(model: Any, serialize: Any) -> Model:
    """A model by the layers that it holds; its calls are Keras 3's own."""
    layers = tuple(_record(layer, serialize) for layer in sublayers(model))
    sequential = type(model).__name__ == "Sequential"
    return Model(model.name, layers, [], [], sequential, bool(model.trainable))


def _record(layer: Any, serialize: Any) -> LayerRecord:
    if is_model(layer):
        model = model_record(layer, serialize)
        return LayerRecord("Sequential" if model.sequential else "Functional", layer.name, {}, model=model)
    return LayerRecord(type(layer).__name__, layer.name, in_words_of_keras2(serialize(layer)["config"]))


def in_words_of_keras2(config: Json) -> Json:
    """The config of a layer without what Keras 3 added."""
    found = {}
    for key, value in config.items():
        if key in LEFT_OUT or key.endswith(SILENT) or (key in OWN and value in (None, False)):
            continue
        found[key] = _held(value) if key in HELD else _listed(value)
    return found


def _listed(value: Any) -> Any:
    """Lists for tuples, as a file has them."""
    return [_listed(item) for item in value] if isinstance(value, (list, tuple)) else value


def _held(value: Any) -> Any:
    if isinstance(value, list):
        return [_held(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {"class_name": value["class_name"], "config": in_words_of_keras2(value["config"])}


def inputs_of(layer: Any) -> tuple[Any, Json]:
    """Tensors of the shapes that a layer is called with: its first argument, and others by name.

    Raises:
        UsageError: it was never called.
    """
    nodes = getattr(layer, "_inbound_nodes", [])
    if not nodes:
        raise UsageError(f"layer {layer.name!r} of the model was not called yet", hint="build the model first")
    arguments = nodes[0].arguments.args
    first, *others = [_spec(item) for item in arguments]
    return first, dict(zip(("value", "key"), others, strict=False))


def _spec(given: Any) -> Any:
    if isinstance(given, (list, tuple)):
        return [_spec(item) for item in given]
    if not hasattr(given, "shape"):
        return given
    tensor: Tensor = Graph().input("input", tuple(given.shape), str(given.dtype))
    return tensor


def check_defaults(record: LayerRecord, writer: Writer) -> None:
    """Refuse what may be Keras 3's default where the author's Keras had another: such a file does not tell.

    Raises:
        UnsupportedOption: a part of the layer says today's default.
    """
    past = list(defaults_of(writer))
    for class_name, config in parts(record):
        for default in past:
            other = [value for value in default.values if value != config.get(default.argument)]
            known = default.class_name == class_name and default.argument in config
            if known and default.argument not in TOLD and other and config[default.argument] == default.today:
                raise UnsupportedOption(
                    f"the model says {config[default.argument]!r}, the default of Keras 3, and so may mean nothing by "
                    f"it; the default of {writer} was {other[0]!r}, and weights alone do not tell",
                    layer=record.name,
                    key=default.argument,
                    hint=f"build the model with {default.argument}={other[0]!r}, or, where the author's code said "
                    f"{default.today!r}, load_weights(..., defaults_said=True)",
                )


def named(model: Any) -> Iterator[str]:
    """The names of all layers of a model that hold weights of their own or in parts."""
    yield from (layer.name for layer in sublayers(model) if layer.weights)
