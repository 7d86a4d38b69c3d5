"""The config of a layer, read key by key: a key that nobody asked for is not specified."""

from __future__ import annotations

from typing import Any

from k2to3.errors import NotSpecified
from k2to3.sources.json_text import Json

# What never changes the output of a trained layer.
SILENT = frozenset(
    {
        "name", "trainable", "batch_input_shape", "batch_shape", "input_dtype", "dynamic", "build_config", "dtype",
        "autocast", "experimental_autocast", "registered_name", "activity_regularizer", "shared_object_id", "module",
        "input_shape", "batch_size", "class_name", "_layer_was_saved_as_h5",
    }
)  # fmt: skip
SILENT_ENDINGS = ("_initializer", "_regularizer", "_constraint")
_ABSENT = object()


class Options:
    """Hands out values and remembers what is left."""

    def __init__(self, values: Json, layer: str) -> None:
        self.values = values
        self.layer = layer
        self._left = {key for key in values if key not in SILENT and not key.endswith(SILENT_ENDINGS)}

    def take(self, key: str, default: Any = _ABSENT) -> Any:
        """The value of `key`; `default` is what the author's generation meant by its absence."""
        self._left.discard(key)
        if key in self.values:
            value = self.values[key]
            # Keras 2.2 wrapped NumPy scalars and arrays as {"type": "ndarray", "value": ...}.
            return value["value"] if isinstance(value, dict) and value.get("type") == "ndarray" else value
        if default is _ABSENT:
            raise self.unspecified(f"the config has no {key!r}")
        return default

    def ignore(self, *keys: str) -> None:
        self._left -= set(keys)

    def only(self, key: str, *allowed: Any) -> None:
        """`key` must be absent or one of the values that mean nothing."""
        if key in self.values and self.take(key) not in allowed:
            raise self.unspecified(f"{key}={self.values[key]!r}")

    def finish(self) -> None:
        if self._left:
            key = min(self._left)
            raise self.unspecified(f"unknown key {key!r} with value {self.values[key]!r}")

    def unspecified(self, reason: str) -> NotSpecified:
        return NotSpecified(reason, layer=self.layer)
