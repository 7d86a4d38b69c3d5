"""JSON from a file that may be hostile: bounded, without duplicate keys."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from k2to3.errors import BadConfig, UnsafeFile
from k2to3.limits import DEFAULT, Limits, too_much

Json = dict[str, Any]


def parse_object(text: str, what: str, limits: Limits = DEFAULT) -> Json:
    """Parse `text` as one JSON object.

    Accepts what people really have: an object encoded twice (a JSON string that
    holds the JSON), and a byte-order mark.

    Raises:
        BadConfig: not JSON, not an object, duplicate keys.
        UnsafeFile: too long, nested too deeply, or too many objects.
    """
    value: object = text.lstrip("\ufeff")
    for _ in range(3):
        if not isinstance(value, str):
            break
        value = _parse(value, what, limits)
    if not isinstance(value, dict):
        raise BadConfig(f"{what} is not a JSON object")
    check_nesting(value, what, limits)
    return value


def dicts(value: Any) -> Iterator[Json]:
    """Every object of a JSON value, however deep, outer ones first."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            yield item
            inner = [found for found in item.values() if isinstance(found, (dict, list, tuple))]
            waiting += reversed(inner)
        elif isinstance(item, (list, tuple)):
            waiting += reversed(item)


def _parse(text: str, what: str, limits: Limits) -> object:
    if len(text) > limits.config_bytes:
        raise too_much("config_bytes", f"{what} is longer than {limits.config_bytes} characters")
    # An empty list takes two bytes here and 56 in memory; brackets inside texts count too, which is harmless.
    if text.count("[") + text.count("{") > limits.containers:
        raise too_much("containers", f"{what} holds more than {limits.containers} objects and lists")
    if text.count(",") > limits.values:
        raise too_much("values", f"{what} holds more than {limits.values} values")
    try:
        found: object = json.loads(text, object_pairs_hook=_unique)
        if "\\ud" in text.lower():
            # Half a character, which no file can be written with, is a ValueError too.
            json.dumps(found, ensure_ascii=False).encode()
        return found
    except RecursionError as error:
        raise UnsafeFile(f"{what} is nested too deeply") from error
    except ValueError as error:
        raise BadConfig(f"{what} is not valid JSON: {error}") from error


def _unique(pairs: list[tuple[str, Any]]) -> Json:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate key in an object")
    return found


def _layers(item: object) -> object:
    """The list of layers of a model: `config.layers`, or `config` itself in Sequential models before Keras 2.2.3."""
    inner = item.get("config") if isinstance(item, dict) else None
    return inner.get("layers") if isinstance(inner, dict) else inner


def check_nesting(value: object, what: str, limits: Limits) -> None:
    """Refuse what is nested too deeply, and too many layers.

    Raises:
        UnsafeFile: see above.
    """
    level, layers = [value], 0
    for _ in range(limits.nesting):
        layers += sum(len(found) for item in level if isinstance(found := _layers(item), list))
        level = [
            inner
            for item in level
            for inner in (item.values() if isinstance(item, dict) else item if isinstance(item, list) else ())
            if isinstance(inner, (dict, list))
        ]
        if layers > limits.layers:
            raise too_much("layers", f"{what} has more than {limits.layers} layers")
        if not level:
            return
    raise too_much("nesting", f"{what} is nested more than {limits.nesting} levels deep")
