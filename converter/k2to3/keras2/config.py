"""A layer's config, read key by key so that nothing in it is overlooked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from k2to3.errors import BadConfig, UnsupportedOption
from k2to3.sources.json_text import Json

_ABSENT = object()


class Config:
    """Hands out the keys of a config and remembers which nobody asked for.

    A rule takes what it converts, drops what has no meaning in Keras 3 (only at its
    default), and `finish` refuses whatever is left.
    """

    def __init__(self, values: Json, layer: str) -> None:
        self._values = values
        self._left = dict(values)
        self._layer = layer

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def take(self, key: str, default: Any = _ABSENT) -> Any:
        """The value of `key`; `default` is what the writing Keras meant by its absence."""
        self._left.pop(key, None)
        if key in self._values:
            return self._values[key]
        if default is _ABSENT:
            raise BadConfig("the key is missing", layer=self._layer, key=key)
        return default

    def peek(self, key: str, default: Any = None) -> Any:
        """Look without taking."""
        return self._values.get(key, default)

    def override(self, key: str, value: Any) -> None:
        """Read `value` under `key` from now on."""
        self._values = {**self._values, key: value}
        self._left[key] = value

    def integer(self, key: str, default: Any = _ABSENT) -> int:
        value = self.take(key, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
            raise self._wrong(key, value, "a whole number")
        return int(value)

    def number(self, key: str, default: Any = _ABSENT) -> float:
        value = self.take(key, default)
        # Keras 2.2 wrapped NumPy scalars as {"type": "ndarray", "value": ...}.
        if isinstance(value, dict) and value.get("type") == "ndarray":
            value = value.get("value")
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self._wrong(key, value, "a number")
        return value

    def flag(self, key: str, default: Any = _ABSENT) -> bool:
        value = self.take(key, default)
        if not isinstance(value, bool) and value not in (0, 1):
            raise self._wrong(key, value, "true or false")
        return bool(value)

    def drop(self, key: str, *equals: Any) -> None:
        """Leave `key` out of the archive; it must be absent or one of `equals`."""
        value = self.take(key, _ABSENT) if key in self._values else _ABSENT
        if value is not _ABSENT and not any(_same(value, allowed) for allowed in equals):
            raise UnsupportedOption(f"value {value!r} has no equivalent in Keras 3", layer=self._layer, key=key)

    def ignore(self, *keys: str) -> None:
        """Keys that never change what the layer computes."""
        for key in keys:
            self._left.pop(key, None)

    def finish(self) -> None:
        """Refuse keys that no rule has looked at."""
        for key, value in self._left.items():
            raise UnsupportedOption(f"unknown key with value {value!r}", layer=self._layer, key=key)

    def keys(self) -> Iterable[str]:
        return self._values.keys()

    def _wrong(self, key: str, value: Any, wanted: str) -> BadConfig:
        return BadConfig(f"{value!r} is not {wanted}", layer=self._layer, key=key)


def _same(value: Any, allowed: Any) -> bool:
    return (type(value) is type(allowed) and bool(value == allowed)) or (
        isinstance(value, (int, float)) and isinstance(allowed, (int, float)) and value == allowed
    )
