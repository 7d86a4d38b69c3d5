"""Vocabularies that Keras 2 kept in files of their own inside a `.keras` archive.

An adapted lookup layer writes `assets/layers/string_lookup/vocabulary.txt` (inside a nested
model `assets/layers/functional/layers/…`), one token a line, those for masks and unknown
tokens first. They become what the config would hold, had
the vocabulary been given as a list. Source: `save_assets` in tf-keras's index_lookup.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from k2to3.errors import BadConfig, UnsupportedOption
from k2to3.sources.json_text import Json
from k2to3.sources.variables import CONTAINERS

FOLDERS = {
    "StringLookup": "string_lookup",
    "IntegerLookup": "integer_lookup",
    "TextVectorization": "text_vectorization",
}
NESTED = {"Functional": "functional", "Sequential": "sequential"}
NAME = "vocabulary.txt"
INNER = f"_lookup_layer/{NAME}"


def fill_vocabularies(config: Json, files: Mapping[str, str]) -> Json:
    """The architecture with every vocabulary in its place.

    Args:
        files: path below `assets/` → text.

    Raises:
        UnsupportedOption: a file that is no vocabulary of a layer.
        BadConfig: another number of files or tokens than the architecture says.
    """
    if not files:
        return config
    left = dict(files)
    filled = _filled(config, left, "")
    if left:
        raise UnsupportedOption(
            f"the archive keeps {sorted(left)[0]!r} in a file of its own",
            hint="in the old environment, give the layer its vocabulary as a list and save again",
        )
    return filled


def _filled(config: Json, left: dict[str, str], prefix: str) -> Json:
    """One model's; takes its files out of `left`, where they begin with `prefix`."""
    inner = config.get("config")
    layers = inner.get("layers") if isinstance(inner, dict) else None
    if not isinstance(inner, dict) or not isinstance(layers, list):
        raise BadConfig("the model has no layers")
    changed = [dict(layer) for layer in layers if isinstance(layer, dict)]
    for class_name, folder in FOLDERS.items():
        owners = [layer for layer in changed if layer.get("class_name") == class_name and _needs(layer)]
        for layer, path in _paired(owners, class_name, _folders(left, prefix, folder)):
            tokens = _tokens(class_name, layer["config"], _text(left, path).split("\n"))
            layer["config"] = {**layer["config"], "vocabulary": tokens}
    for class_name, folder in NESTED.items():
        # A nested model without a vocabulary has no folder.
        owners = [layer for layer in changed if layer.get("class_name") == class_name and _holds(layer)]
        for layer, path in _paired(owners, class_name, _folders(left, prefix, folder)):
            layer.update(_filled(layer, left, f"{path}/"))
    return {**config, "config": {**inner, "layers": changed}}


def _folders(left: Mapping[str, str], prefix: str, folder: str) -> list[str]:
    """The folders of one class in one model, by number."""
    found = (re.match(rf"({re.escape(prefix)}(?:{'|'.join(CONTAINERS)})/{folder}(_\d+)?)/", path) for path in left)
    return sorted({match[1] for match in found if match}, key=_number)


def _paired(owners: list[Json], class_name: str, paths: list[str]) -> list[tuple[Json, str]]:
    if len(owners) != len(paths):
        raise BadConfig(f"{len(paths)} vocabulary files for {len(owners)} {class_name} layers")
    return list(zip(owners, paths, strict=True))


def _text(left: dict[str, str], path: str) -> str:
    """TextVectorization writes the same file twice; another copy of another content stays in `left`."""
    text = left.pop(f"{path}/{NAME}", None)
    if text is None:
        raise BadConfig(f"there is no vocabulary in {path!r}")
    if left.get(f"{path}/{INNER}") == text:
        left.pop(f"{path}/{INNER}")
    return text


def _holds(layer: Json) -> bool:
    inner = layer.get("config")
    layers = inner.get("layers") if isinstance(inner, dict) else None
    if not isinstance(layers, list):
        return False
    return any(
        isinstance(each, dict) and ((str(each.get("class_name")) in FOLDERS and _needs(each)) or _holds(each))
        for each in layers
    )


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
    special = special_tokens(class_name, config)
    if lines[: len(special)] != [str(token) for token in special]:
        raise BadConfig(f"a vocabulary that begins with {lines[: len(special)]}, not with {special}")
    rest = lines[len(special) :]
    if class_name != "IntegerLookup":
        return list(rest)
    return whole_numbers(rest)


MAX_UNKNOWN = 1 << 24


def special_tokens(class_name: str, config: Json) -> list[Any]:
    """What stands before the tokens of a vocabulary: for masks, if there are any, and for unknown ones."""
    text = class_name == "TextVectorization"
    mask = "" if text else config.get("mask_token", config.get("mask_value"))
    unknown = "[UNK]" if text else config.get("oov_token", config.get("oov_value"))
    count = 1 if text else config.get("num_oov_indices", 1)
    masks = mask is not None and config.get("output_mode", "int") == "int"
    if not isinstance(count, int) or not 0 <= count <= MAX_UNKNOWN:
        raise BadConfig(f"is no number of unknown tokens up to {MAX_UNKNOWN}", key="num_oov_indices")
    return [mask] * masks + [unknown] * int(count)


def whole_numbers(tokens: Iterable[str | int]) -> list[int]:
    """The tokens of an IntegerLookup.

    Raises:
        BadConfig: one is something else.
    """
    try:
        return [int(token) for token in tokens]
    except ValueError as error:
        raise BadConfig(f"a vocabulary of whole numbers holds something else: {error}") from error
