"""Vocabularies that Keras 2 kept in files of their own inside a `.keras` archive.

An adapted lookup layer writes `assets/layers/string_lookup/vocabulary.txt`, one token a
line, those for masks and unknown tokens first. They become what the config would hold, had
the vocabulary been given as a list. Source: `save_assets` in tf-keras's index_lookup.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from k2to3.errors import BadConfig, UnsupportedOption
from k2to3.source.json_text import Json
from k2to3.source.variables import CONTAINERS

FOLDERS = {
    "StringLookup": "string_lookup",
    "IntegerLookup": "integer_lookup",
    "TextVectorization": "text_vectorization",
}
INNER = "/_lookup_layer"


def fill_vocabularies(config: Json, files: Mapping[str, str]) -> Json:
    """The architecture with every vocabulary in its place.

    Args:
        files: path below `assets/` → text.

    Raises:
        UnsupportedOption: a file that is no vocabulary of a layer of the model itself.
        BadConfig: another number of files or tokens than the architecture says.
    """
    if not files:
        return config
    inner = config.get("config")
    layers = inner.get("layers") if isinstance(inner, dict) else None
    if not isinstance(inner, dict) or not isinstance(layers, list):
        raise BadConfig("the model has no layers")
    left = _outer(files)
    changed = [dict(layer) for layer in layers if isinstance(layer, dict)]
    for class_name, folder in FOLDERS.items():
        owners = [layer for layer in changed if layer.get("class_name") == class_name and _needs(layer)]
        names = sorted((name for name in left if re.fullmatch(rf"{folder}(_\d+)?", name)), key=_number)
        if len(owners) != len(names):
            raise BadConfig(f"{len(names)} vocabulary files for {len(owners)} {class_name} layers")
        for layer, name in zip(owners, names, strict=True):
            tokens = _tokens(class_name, layer["config"], left.pop(name).split("\n"))
            layer["config"] = {**layer["config"], "vocabulary": tokens}
    if left:
        raise UnsupportedOption(
            f"the archive keeps {sorted(left)[0]!r} in a file of its own",
            hint="in the old environment, give the layer its vocabulary as a list and save again",
        )
    return {**config, "config": {**inner, "layers": changed}}


def _outer(files: Mapping[str, str]) -> dict[str, str]:
    """Folder of each layer → its text; TextVectorization writes the same file twice."""
    found: dict[str, str] = {}
    for path, text in files.items():
        container, _, rest = path.partition("/")
        name = rest.removesuffix("/vocabulary.txt").removesuffix(INNER)
        known = container in CONTAINERS and rest.endswith("/vocabulary.txt") and "/" not in name
        if not known or found.setdefault(name, text) != text:
            found[path] = text
    return found


def _needs(layer: Json) -> bool:
    inner = layer.get("config")
    return isinstance(inner, dict) and inner.get("vocabulary") is None


def _number(name: str) -> int:
    match = re.search(r"_(\d+)$", name)
    return int(match[1]) if match else 0


def _tokens(class_name: str, config: Json, lines: list[str]) -> list[Any]:
    """The tokens without the special ones, which Keras adds by itself."""
    if config.get("vocabulary_size") not in (None, len(lines)):
        raise BadConfig(f"a vocabulary of {len(lines)} tokens where the layer has {config['vocabulary_size']}")
    text = class_name == "TextVectorization"
    mask = "" if text else config.get("mask_token")
    unknown = "[UNK]" if text else config.get("oov_token")
    count = 1 if text else config.get("num_oov_indices", 1)
    special = [mask] * (mask is not None and config.get("output_mode", "int") == "int") + [unknown] * int(count)
    if lines[: len(special)] != [str(token) for token in special]:
        raise BadConfig(f"a vocabulary that begins with {lines[: len(special)]}, not with {special}")
    rest = lines[len(special) :]
    if class_name != "IntegerLookup":
        return list(rest)
    try:
        return [int(line) for line in rest]
    except ValueError as error:
        raise BadConfig(f"a vocabulary of whole numbers holds something else: {error}") from error
