"""Vocabularies that stand in tables of their own: an adapted lookup layer's, and before TF 2.6 every lookup layer's.

They become what the configuration would hold, had the vocabulary been given as a list, as with `.keras` archives.
The bundle keeps a table as two tensors, keys and values, in no order. Source: `MutableHashTable._Saveable` in
tensorflow/python/ops/lookup_ops.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from k2to3.dataclass import dataclass
from k2to3.errors import BadConfig, K2to3Error
from k2to3.limits import too_much
from k2to3.sources.assets import special_tokens
from k2to3.sources.json_text import Json
from k2to3.sources.saved_model.bundle import STRING, Bundle
from k2to3.sources.saved_model.layers import COUNTS
from k2to3.sources.saved_model.messages import Node

LOOKUPS = ("StringLookup", "IntegerLookup", "IndexLookup", "TextVectorization")
DEPTH = 4
Token = str | int


def _no_constants(table: int) -> None:
    """A checkpoint has no graph."""


@dataclass(frozen=True)
class Tables:
    """The tables of a file: objects by number, what is stored of each, and where."""

    nodes: list[Node]
    keys: dict[int, dict[str, str]]
    bundle: Bundle
    constants: Callable[[int], tuple[list[Token], list[Token]] | None] = _no_constants
    """Keys and values of a table (its node) that is no part of the bundle."""

    def fill(self, model: Json, layers: dict[str, int], inner: Any) -> Json:
        """The architecture of a model with the vocabularies in their places.

        Args:
            layers: the node of each layer by name.
            inner: gives those of a nested model, by its node.

        Raises:
            BadConfig: a table that no vocabulary makes.
        """
        config = model.get("config")
        listed = config.get("layers") if isinstance(config, dict) else None
        if not isinstance(config, dict) or not isinstance(listed, list):
            return model
        changed = [self._layer(layer, layers, inner) if isinstance(layer, dict) else layer for layer in listed]
        return {**model, "config": {**config, "layers": changed}}

    def _layer(self, layer: Json, layers: dict[str, int], inner: Any) -> Json:
        config = layer.get("config")
        node = layers.get(str(config.get("name"))) if isinstance(config, dict) else None
        if node is None or not isinstance(config, dict):
            return layer
        if isinstance(config.get("layers"), list):
            return self.fill(layer, inner(node), inner)
        if layer.get("class_name") not in LOOKUPS or config.get("vocabulary") not in (None, []):
            return layer
        try:
            found = list(self._stored(node, DEPTH))
            if len(found) != 1:
                return layer
            tokens = _vocabulary(str(layer["class_name"]), config, *found[0])
        except K2to3Error as error:
            error.key = "vocabulary"
            raise error.located(layer=str(config["name"])) from error.__cause__
        return {**layer, "config": {**config, "vocabulary": tokens}}

    def _stored(self, node: int, depth: int) -> Iterator[tuple[list[Token], list[Token]]]:
        """Keys and values of the tables that a layer or its parts keep."""
        for table in dict.fromkeys(self._inside(node, depth)):
            found = [name for name in self.keys.get(table, {}).values() if f"{name}-keys" in self.bundle]
            if found:
                yield self._elements(f"{found[0]}-keys"), self._elements(f"{found[0]}-values")
            elif (pair := self.constants(table)) is not None:
                yield pair

    def _inside(self, node: int, depth: int) -> Iterator[int]:
        yield node
        for name, child in self.nodes[node].children.items():
            if depth and name not in COUNTS:
                yield from self._inside(child, depth - 1)

    def _elements(self, key: str) -> list[Token]:
        entry = self.bundle.entries[key]
        if entry.dtype == STRING:
            try:
                texts = self.bundle.texts(key, self.bundle.limits.config_bytes)
                return [text.decode("utf-8") for text in texts]
            except UnicodeDecodeError as error:
                raise BadConfig("a token is not UTF-8 text") from error
        tensor = self.bundle.tensor(key, key)
        if tensor.nbytes > self.bundle.limits.config_bytes:
            raise too_much("config_bytes", f"a table of {tensor.nbytes} bytes")
        if not tensor.dtype.startswith("int") or len(tensor.shape) != 1:
            raise BadConfig(f"a table of {tensor.dtype}")
        return [int(value) for value in tensor.read()]


def _is_index(index: Any, start: int) -> bool:
    """Whether this is the place of a token of the vocabulary."""
    return isinstance(index, int) and index >= start


def _vocabulary(class_name: str, config: Json, keys: list[Token], values: list[Token]) -> list[Token]:
    """The tokens by their index, without those that Keras adds by itself.

    Raises:
        BadConfig: the table is not that of such a layer.
    """
    if len(keys) != len(values):
        raise BadConfig("the table of tokens has more keys than values, or fewer")
    pairs = list(zip(keys, values, strict=True))
    if config.get("invert"):
        pairs = [(token, index) for index, token in pairs]
    special = special_tokens(class_name, config)
    by_index = {index: token for token, index in pairs}
    own = range(len(special), len(special) + sum(_is_index(index, len(special)) for index in by_index))
    first = {index: token for index, token in by_index.items() if not _is_index(index, len(special))}
    if len(by_index) != len(pairs) or not own or any(index not in by_index for index in own):
        raise BadConfig("the table of tokens is empty, or has gaps")
    # Of several places for unknown tokens only one is in the table.
    if any(not isinstance(index, int) or index < 0 or token not in special for index, token in first.items()):
        raise BadConfig("the table of tokens does not begin as the vocabulary of such a layer does")
    return [by_index[index] for index in own]
