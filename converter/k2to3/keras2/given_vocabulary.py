"""Vocabularies that the user gives, where the checkpoint has none or only names a file.

HDF5 files of adapted layers have no vocabulary before TF 2.8 or so, and a vocabulary given as a
file stays a path. The file that the path leads to holds one token a line and no special tokens
(`_lookup_table_from_file` in tf-keras's index_lookup.py); `get_vocabulary()` lists them as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from k2to3.errors import BadConfig, FileError, UsageError
from k2to3.sources.assets import special_tokens, whole_numbers
from k2to3.sources.json_text import Json

Tokens = Sequence[str | int]
LOOKUPS = ("StringLookup", "IntegerLookup", "IndexLookup", "TextVectorization")


def read_vocabularies(given: Mapping[str, Any] | Iterable[str]) -> dict[str, Tokens]:
    """Layer name → tokens, of `["layer=tokens.txt"]` or of a mapping to paths or lists of tokens.

    Raises:
        UsageError: not LAYER=FILE.
        FileError: there is no such file.
    """
    if isinstance(given, Mapping):
        return {name: _tokens(value) for name, value in given.items()}
    found = {}
    for pair in given:
        name, _, path = pair.partition("=")
        if not name or not path:
            raise UsageError(f"--vocabulary {pair!r} is not LAYER=FILE")
        found[name] = _tokens(path)
    return found


def _tokens(value: Any) -> Tokens:
    if not isinstance(value, (str, Path)):
        return tuple(value)
    try:
        # As TensorFlow reads the lines of a file: without "\r".
        text = Path(value).read_text(encoding="utf-8").replace("\r", "")
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"no vocabulary can be read: {error}", file=str(value)) from error
    return tuple(text.removesuffix("\n").split("\n"))


def with_vocabularies(config: Json, given: Mapping[str, Tokens]) -> Json:
    """The architecture with the vocabularies in their places, in nested models too.

    Raises:
        UsageError: a name that is no layer without a vocabulary.
        BadConfig: it is not the vocabulary that the layer had.
    """
    left = set(given)
    filled = _filled(config, given, left) if given else config
    if left:
        raise UsageError(f"--vocabulary {sorted(left)[0]}: no layer of that name lacks its vocabulary")
    return filled


def _filled(config: Json, given: Mapping[str, Tokens], left: set[str]) -> Json:
    inner = config.get("config")
    layers = inner.get("layers") if isinstance(inner, dict) else inner
    if not isinstance(layers, list):
        return config
    changed = [_layer(layer, given, left) if isinstance(layer, dict) else layer for layer in layers]
    return {**config, "config": {**inner, "layers": changed} if isinstance(inner, dict) else changed}


def _layer(layer: Json, given: Mapping[str, Tokens], left: set[str]) -> Json:
    inner = layer.get("config")
    if layer.get("class_name") not in LOOKUPS or not isinstance(inner, dict):
        return _filled(layer, given, left)
    name, stored = str(inner.get("name")), inner.get("vocabulary")
    if name not in given or not (stored is None or isinstance(stored, str) or stored == []):
        return layer
    left.discard(name)
    try:
        tokens = _checked(given[name], inner, layer["class_name"])
    except BadConfig as error:
        error.key = "vocabulary"
        raise error.located(layer=name) from error.__cause__
    return {**layer, "config": {**inner, "vocabulary": tokens}}


def _checked(tokens: Tokens, config: Json, class_name: str) -> list[str | int]:
    """The tokens as the layer's own list, of the size that it had."""
    found: list[str | int] = list(tokens)
    if class_name == "IntegerLookup" or config.get("vocabulary_dtype") in ("int64", "int32"):
        found = [*whole_numbers(found)]
    special = special_tokens(class_name, config)
    begins = bool(special) and found[: len(special)] == special
    if begins and isinstance(config.get("vocabulary"), str):
        raise BadConfig(
            f"the vocabulary given begins with {special}, which Keras adds to a vocabulary file by itself",
            hint="leave them out",
        )
    size, stored = len(found) + (0 if begins else len(special)), config.get("vocabulary_size")
    if stored not in (None, 0, size):
        raise BadConfig(f"the vocabulary given makes {size} tokens where the layer had {stored}")
    return found
