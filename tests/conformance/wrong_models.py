"""Models of Keras 3 with one thing changed: what `load_weights` has to refuse."""

from __future__ import annotations

import copy
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]
OTHERS: dict[str, Any] = {
    "activation": lambda value: "elu" if value != "elu" else "relu",
    "recurrent_activation": lambda value: "tanh",
    "padding": lambda value: {"same": "valid", "valid": "same"}.get(value, value),
    "epsilon": lambda value: value * 10,
    "negative_slope": lambda value: value + 0.1,
    "go_backwards": lambda value: not value,
    "units": lambda value: value + 1,
    "filters": lambda value: value + 1,
    "mask_zero": lambda value: not value,
}


def changed_configs(archive: Path) -> Iterator[tuple[str, Json]]:
    """(what was changed, the model's config), for each key at the first layer that has it."""
    with zipfile.ZipFile(archive) as file:
        config = json.loads(file.read("config.json"))
    for key, other in OTHERS.items():
        changed = copy.deepcopy(config)
        for layer in _layers(changed):
            inner = layer["config"]
            if key in inner and isinstance(inner[key], (str, int, float)) and other(inner[key]) != inner[key]:
                before, inner[key] = inner[key], other(inner[key])
                yield f"{inner.get('name')}: {key} {before!r} -> {inner[key]!r}", changed
                break


def _layers(config: Any) -> Iterator[Json]:
    """Objects with a config, the outermost first."""
    if isinstance(config, dict):
        if isinstance(config.get("config"), dict) and str(config.get("module", "")).startswith("keras.layers"):
            yield config
        for value in config.values():
            yield from _layers(value)
    elif isinstance(config, list):
        for value in config:
            yield from _layers(value)
