"""JSON from a file that may be hostile: bounded, without duplicate keys."""

from __future__ import annotations

import json
from typing import Any

from k2to3.errors import BadConfig, UnsafeFile

Json = dict[str, Any]
MAX_TEXT = 512 << 20


def parse_object(text: str, what: str) -> Json:
    """Parse `text` as one JSON object.

    Accepts what people really have: an object encoded twice (a JSON string that
    holds the JSON), and a byte-order mark.

    Raises:
        BadConfig: not JSON, not an object, duplicate keys.
        UnsafeFile: too long or nested too deeply.
    """
    value: object = text.lstrip("\ufeff")
    for _ in range(3):
        if not isinstance(value, str):
            break
        value = _parse(value, what)
    if not isinstance(value, dict):
        raise BadConfig(f"{what} is not a JSON object")
    return value


def _parse(text: str, what: str) -> object:
    if len(text) > MAX_TEXT:
        raise UnsafeFile(f"{what} is longer than {MAX_TEXT} characters")
    try:
        return json.loads(text, object_pairs_hook=_unique)
    except RecursionError as error:
        raise UnsafeFile(f"{what} is nested too deeply") from error
    except ValueError as error:
        raise BadConfig(f"{what} is not valid JSON: {error}") from error


def _unique(pairs: list[tuple[str, Any]]) -> Json:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate key in an object")
    return found
