"""The walk over an architecture as the file has it: models, layers, what wrappers hold.

Raises before a rule, a judge or the upgrade from Keras 1 sees a value that its key may not hold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from k2to3.errors import BadConfig, UnsafeFile, UnsupportedOption
from k2to3.keras2.values.by_class import keys_of
from k2to3.keras2.values.kinds import (
    FLAG,
    NOTHING,
    OBJECT,
    SHAPE,
    SIZE,
    TEXT,
    Kind,
    Wrong,
    either,
    optional,
    sequence,
    shown,
)

Json = dict[str, Any]
Known = Callable[[str], str | None]
"""The class by whose keys a class of the file is read; None where the author's code reads it."""
MAX_DEPTH = 200
MAX_HOLDING = 40
MODELS = frozenset(
    {"Sequential", "PreprocessingStage", "Functional", "Model", "Network", "Container",
     "FunctionalPreprocessingStage", "Graph"}
)  # fmt: skip
MODEL_KEYS: Mapping[str, Kind] = {
    "name": optional(TEXT),
    "trainable": FLAG,
    "build_input_shape": optional(SHAPE, OBJECT, sequence(SHAPE)),
    "build_config": optional(OBJECT),
    "dtype": optional(TEXT, OBJECT),
}
INPUTS = frozenset({"InputLayer", "Input"})
STRUCTURE = frozenset({"layers", "input_layers", "output_layers"})
# Beside class_name and config.
ENTRY_KEYS: Mapping[str, Kind] = {
    **dict.fromkeys(("name", "module", "registered_name", "keras_version", "backend", "spec_name"), optional(TEXT)),
    **dict.fromkeys(("build_config", "compile_config"), optional(OBJECT)),
    "shared_object_id": optional(SIZE),
    "__passive_serialization__": FLAG,
}
CHECKED = frozenset({"class_name", "config", "inbound_nodes"})
# Layers of TF 1.15 to 2.3 for one operation: the name in the config is the operation's.
TWO_NAMES = frozenset({"TensorFlowOpLayer"})
# What a wrapper cannot be without.
REQUIRED: Mapping[str, str] = {
    "TimeDistributed": "layer",
    "Bidirectional": "layer",
    "SpectralNormalization": "layer",
    "RNN": "cell",
    "StackedRNNCells": "cells",
}
# Of these null says something, but not to be there.
WRITTEN: Mapping[str, str] = {"Activation": "activation"}
HELD = ("layer", "backward_layer", "forward_layer", "cell", "linear_model", "dnn_model")
HELD_LISTS = ("cells", "layers")
ACTIVATIONS = ("activation", "recurrent_activation", "inner_activation")


def check_architecture(config: Json, known: Known) -> None:
    """Every value of the architecture is one that its key may hold.

    Raises:
        BadConfig: with layer, key, the value and what is allowed.
        UnsupportedOption: a nested model for sparse or ragged tensors.
        UnsafeFile: absurd nesting.
    """
    _check_depth(config)
    _entry(config, known, 0)


def _check_depth(config: Json) -> None:
    level: list[Any] = [config]
    for _ in range(MAX_DEPTH):
        level = [
            item
            for value in level
            for item in (value.values() if isinstance(value, dict) else value)
            if isinstance(item, (dict, list))
        ]
        if not level:
            return
    raise UnsafeFile(f"the architecture is nested deeper than {MAX_DEPTH}")


def _entry(entry: Any, known: Known, depth: int) -> None:
    """One object with class_name and config: a layer, a cell, a model."""
    if depth > MAX_HOLDING:
        raise UnsafeFile(f"models and wrappers nested deeper than {MAX_HOLDING}")
    if not isinstance(entry, dict):
        raise BadConfig(f"a layer is an object with class_name and config, not {shown(entry)}")
    name, config = entry.get("class_name"), entry.get("config")
    if not isinstance(name, str):
        raise BadConfig(f"class_name is {shown(name)}, not a text")
    label = _label(entry)
    _raise(_named(entry), label)
    if name in MODELS or (depth == 0 and isinstance(config, dict) and "layers" in config):
        _model(config, label, known, depth)
    elif isinstance(config, dict):
        _layer(name, config, label, known, depth)
        if name in INPUTS and depth > 1:
            _inner_input(config, label)


def _inner_input(config: Json, label: str) -> None:
    """The input of a nested model takes what the outer model gives, which is neither sparse nor ragged."""
    for key in ("sparse", "ragged", "type_spec"):
        if config.get(key):
            raise UnsupportedOption(f"{shown(config[key])} for the input of a nested model", layer=label, key=key)


def _label(entry: Json) -> str:
    config = entry.get("config")
    for name in (entry.get("name"), config.get("name") if isinstance(config, dict) else None):
        if isinstance(name, str):
            return name
    return str(entry["class_name"]).lower()


def _named(entry: Json) -> Wrong | None:
    for key, value in entry.items():
        if key in CHECKED:
            continue
        check = ENTRY_KEYS.get(key)
        wrong = Wrong(value, "a key of a layer") if check is None else check(value)
        if wrong is not None:
            return wrong.inside(key)
    config = entry.get("config")
    inner = config.get("name") if isinstance(config, dict) else None
    if inner not in (None, entry.get("name", inner)) and entry["class_name"] not in TWO_NAMES:
        return Wrong(inner, f"the layer's name, {shown(entry['name'])}", "config.name")
    return None


def _model(config: Any, label: str, known: Known, depth: int) -> None:
    settings = {"layers": config} if isinstance(config, list) else config
    if not isinstance(settings, dict):
        raise BadConfig(f"the config of a model is {shown(config)}, not an object", layer=label)
    if not isinstance(settings.get("layers", []), list):
        raise BadConfig(f"{shown(settings['layers'])} is not a list of layers", layer=label, key="layers")
    for key, value in settings.items():
        if key in STRUCTURE:
            continue
        check = MODEL_KEYS.get(key)
        wrong = Wrong(value, "a key of a model") if check is None else check(value)
        _raise(wrong.inside(key) if wrong else None, label)
    for entry in settings.get("layers", []):
        _entry(entry, known, depth + 1)


def _layer(class_name: str, config: Json, label: str, known: Known, depth: int) -> None:
    name = known(class_name)
    if name is None:
        return
    keys = keys_of(name)
    if name in REQUIRED and not config.get(REQUIRED[name]):
        raise _error(Wrong(config.get(REQUIRED[name]), f"what a {name} holds", REQUIRED[name]), label)
    if name in WRITTEN and WRITTEN[name] not in config:
        raise BadConfig("is missing", layer=label, key=WRITTEN[name])
    for key, value in config.items():
        if key in HELD or (key in HELD_LISTS and isinstance(value, list)):
            for entry in value if isinstance(value, list) else [value]:
                if entry is not None:
                    _entry(entry, known, depth + 1)
        elif key == "cells":
            raise _error(Wrong(value, "a list of cells", key), label)
        elif key in ACTIVATIONS:
            _activation(key, value, label, known, depth)
        elif check := keys.get(key):
            wrong = check(value)
            if wrong is not None:
                raise _error(wrong.inside(key), label)


def _activation(key: str, value: Any, label: str, known: Known, depth: int) -> None:
    """A name, a function object, or a layer."""
    if not isinstance(value, dict):
        wrong = either(NOTHING, TEXT)(value)
        _raise(wrong.inside(key) if wrong else None, label)
        return
    config = value.get("config")
    if isinstance(config, str) or config is None:
        wrong = TEXT(value.get("class_name"))
        _raise(wrong.inside(f"{key}.class_name") if wrong else None, label)
        return
    _entry(value, known, depth + 1)


def _raise(wrong: Wrong | None, label: str) -> None:
    if wrong is not None:
        raise _error(wrong, label)


def _error(wrong: Wrong, label: str) -> BadConfig:
    return BadConfig(f"{shown(wrong.value)} is not {wrong.allowed}", layer=label, key=wrong.key)
