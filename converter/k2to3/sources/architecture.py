"""The architecture of a weights-only file, from wherever its owner has it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from k2to3.errors import BadConfig, FileError, NothingToDo, UsageError
from k2to3.findings import Finding
from k2to3.limits import DEFAULT, Limits, too_much
from k2to3.sources.author import Writer
from k2to3.sources.json_text import Json, parse_object
from k2to3.sources.opened import open_file

WRAPPERS = ("model_config", "architecture", "model")
BINARY = (b"\x89HDF", b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04")


@dataclass(frozen=True)
class Architecture:
    """A model as `{"class_name": ..., "config": ...}`.

    `rebuilt`: code of the user's built it, in tf-keras; `findings`: what was supplied meanwhile.
    """

    config: Json
    rebuilt: bool = False
    findings: tuple[Finding, ...] = ()


def read_architecture(
    given: Path | Architecture | None, limits: Limits = DEFAULT, writer: Writer | None = None
) -> Architecture:
    """The architecture of weights that were written by `writer`, where that is known.

    `given` is a JSON or YAML file (`model.to_json()`, `model.to_yaml()`), or a function that
    builds the model, as `module:function` or `file.py:function`: your own code, which runs
    in a process of its own with tf-keras, under the defaults of the author's Keras.

    Raises:
        UsageError: nothing given.
        BadConfig, FileError, UnsafeFile: it cannot be read.
        NothingToDo: an architecture of Keras 3.
    """
    if given is None:
        raise UsageError("the file holds weights only", hint=HINT)
    if isinstance(given, Architecture):
        return given
    from k2to3.sources.factory import build, is_factory

    label = f"architecture {given.name}"
    if is_factory(given):
        built, findings = build(str(given), limits, writer)
        return Architecture(_unwrapped(built, label, limits), True, findings)
    return Architecture(_unwrapped(_parse(_text(given, limits), label, given.suffix.lower(), limits), label, limits))


def _unwrapped(found: Json, label: str, limits: Limits) -> Json:
    for wrapper in WRAPPERS:
        while "class_name" not in found and isinstance(inner := found.get(wrapper), (dict, str)):
            found = inner if isinstance(inner, dict) else parse_object(inner, wrapper, limits)
    if "class_name" not in found:
        raise BadConfig(f"{label} has no class_name")
    if _is_keras3(found):
        raise NothingToDo(
            f"{label} is of Keras 3", hint="build the model in Keras 3 and load the weights there with load_weights"
        )
    return found


def _is_keras3(found: Json) -> bool:
    """Keras 3 writes no version into `to_json()`, but other words than Keras 2."""
    if str(found.get("keras_version", "")).startswith("3"):
        return True
    text = json.dumps(found)
    new = ('"DTypePolicy"', '"keras.src.models.', '"batch_shape"')
    return "module" in found and "keras_version" not in found and any(word in text for word in new)


HINT = (
    "give the model's architecture with --architecture: model.json (model.to_json()), model.yaml (model.to_yaml()), "
    "or file.py:function, a function that builds and returns the model; "
    "k2to3 inspect FILE --weights lists the layers it must have"
)


def _text(path: Path, limits: Limits) -> str:
    file = open_file(path)
    try:
        if file.size > limits.config_bytes:
            raise too_much("config_bytes", f"{path.name} is longer than {limits.config_bytes} bytes")
        data = file.read_at(0, file.size)
    finally:
        file.close()
    if data.startswith(BINARY):
        raise UsageError(f"--architecture {path.name} is not a text file", hint=HINT)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileError(f"cannot read the architecture: {error}", file=str(path)) from error


def _parse(text: str, label: str, suffix: str, limits: Limits) -> Json:
    if suffix == ".py":
        raise UsageError(f"{label} is Python code", hint="name the function that builds the model: file.py:function")
    if suffix in (".yaml", ".yml") or (suffix != ".json" and text.lstrip()[:1] not in '{["'):
        from k2to3.sources.yaml_text import parse_yaml

        return parse_yaml(text, label, limits)
    return parse_object(text, label, limits)
