"""What of the author's own code a file mentions by name: nothing of it is in the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from k2to3.errors import K2to3Error
from k2to3.keras2.model import LayerRecord, Model
from k2to3.rules.activations.activation import built_in
from k2to3.rules.common import CONSTRAINTS, REGULARIZERS, known_initializer
from k2to3.rules.rulebook import Rulebook
from k2to3.rules.unknown import KNOWN_REFUSALS
from k2to3.sources.json_text import Json
from k2to3.training.losses import Custom, loss, metric

Named = tuple[str, str]
"""A kind and a name."""


def author_code(model: Model, training_config: Json | None, rules: Rulebook) -> dict[str, list[str]]:
    """Names by kind: layers, activations, initializers, regularizers, constraints, losses, metrics.

    Layers that a rule rebuilds although Keras never had them are listed as `third-party`.
    """
    found: dict[str, dict[str, None]] = {}
    for kind, name in [*_of_model(model, rules), *_of_training(training_config or {})]:
        found.setdefault(kind, {})[name] = None
    return {kind: list(names) for kind, names in found.items()}


def _of_model(model: Model, rules: Rulebook) -> Iterator[Named]:
    for record in model.layers:
        if record.model is not None:
            yield from _of_model(record.model, rules)
            continue
        yield from _of_layer(record, rules)
        yield from _of_config(record.config)


def _of_layer(record: LayerRecord, rules: Rulebook) -> Iterator[Named]:
    try:
        rule = rules.find(record)
    except K2to3Error:
        if record.class_name not in KNOWN_REFUSALS:
            yield "layers", record.class_name
        return
    if rule.third_party:
        yield "third-party layers", record.class_name


def _of_config(config: Json) -> Iterator[Named]:
    for key, value in config.items():
        if isinstance(value, dict) and isinstance(value.get("config"), dict) and key in ("layer", "cell"):
            yield from _of_config(value["config"])
        for suffix, kind, known in PARTS:
            if value is not None and key.endswith(suffix) and not known(value):
                yield kind, _name(value)


def _name(value: Any) -> str:
    if isinstance(value, dict):
        inner = value.get("config")
        return str(inner if value.get("class_name") == "function" else value.get("class_name"))
    return str(value)


def _constraint(value: Any) -> bool:
    return _name(value).lower().replace("_", "") in CONSTRAINTS


def _regularizer(value: Any) -> bool:
    return _name(value) in REGULARIZERS


PARTS: tuple[tuple[str, str, Callable[[Any], bool]], ...] = (
    ("activation", "activations", built_in),
    ("_initializer", "initializers", known_initializer),
    ("_regularizer", "regularizers", _regularizer),
    ("_constraint", "constraints", _constraint),
)


def _of_training(config: Json) -> Iterator[Named]:
    for key, kind, read in (
        ("loss", "losses", loss),
        ("metrics", "metrics", metric),
        ("weighted_metrics", "metrics", metric),
    ):
        for value in _leaves(config.get(key)):
            try:
                read(value)
            except Custom:
                yield kind, _name(value)


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, dict) and "class_name" not in value:
        yield from _leaves(list(value.values()))
    elif value is not None:
        yield value
