"""From what the user said to `Options`: read, checked, and nothing overheard."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from k2to3.archive.sizes import parse_size
from k2to3.errors import UsageError
from k2to3.keras2.given_vocabulary import read_vocabularies
from k2to3.limits import read_limits
from k2to3.options.records import ModelOptions, Options, ProofOptions, Said
from k2to3.options.words import ConvertOptions, Function, choices, defaults, words
from k2to3.sources.authorship import keras_of

Shape = tuple[int | None, ...]


def read_options(said: Mapping[str, Any], verb: Any) -> Options:
    """The options of a verb, which `options.words` declares as `verb`.

    Raises:
        TypeError: a name that the verb does not have.
        UsageError: a value that means nothing.
        FileError: a vocabulary that cannot be read.
    """
    unknown = [name for name in said if name not in defaults(verb)]
    if unknown:
        raise TypeError(f"no such option: {', '.join(unknown)}")
    # What a verb does not speak of is as convert has it.
    given = {**defaults(ConvertOptions), **defaults(verb), **said}
    for name, kind, _ in words(verb):
        allowed = choices(kind)
        value = given[name]
        if allowed is not None and value is not None and value not in allowed:
            raise UsageError(f"{name} is {value!r}, not one of {', '.join(allowed)}")
    if "verify" in defaults(verb):
        _check_tolerance(given["tolerance"])
    return Options(
        model=_model(given),
        proof=_proof(given),
        limits=read_limits(given["limits"]),
        architecture=None if given["architecture"] is None else Path(given["architecture"]),
        author=read_author(given["keras_version"], given["backend_of_author"]),
        compile=given["compile"],
        min_keras=given["min_keras"],
        overwrite=given["overwrite"],
        dry_run=given["dry_run"],
        shard_size=parse_size(str(given["shard_size"])),
        progress=given["progress"],
        phase=given["phase"],
        statistics=given["statistics"],
    )


def _check_tolerance(value: float | None) -> None:
    if value is not None and not 0 < value < 1:
        text = f"tolerance {value} is no relative error between 0 and 1"
        raise UsageError(text, hint="leave it out for 1e-5; what is equal bit for bit is said by --verify weights")


def _model(given: Mapping[str, Any]) -> ModelOptions:
    lambdas, lambda_globals = _of_lambdas(given)
    shape, shapes = read_input_shapes(given["input_shape"])
    rules, drop, custom = given["rules"], given["drop"], given["custom_objects"]
    return ModelOptions(
        rules=tuple(Path(path) for path in ([rules] if isinstance(rules, (str, os.PathLike)) else rules)),
        treat_as=read_treat_as(given["treat_as"]),
        custom_objects=None if custom is None else os.fspath(custom),
        lambdas=lambdas,
        lambda_globals=lambda_globals,
        accept_noise_off=given["accept_noise_off"],
        drop=frozenset([drop] if isinstance(drop, str) else drop),
        input_shape=shape,
        input_shapes=shapes,
        outputs=read_outputs(given["outputs"]),
        vocabularies=read_vocabularies(given["vocabularies"]),
    )


def _of_lambdas(given: Mapping[str, Any]) -> tuple[dict[str, Function], dict[str, Any]]:
    if not given["lambdas"] and not given["lambda_globals"]:
        return {}, {}
    from k2to3.bytecode.options import read_globals, read_lambdas

    return read_lambdas(given["lambdas"]), read_globals(given["lambda_globals"])


def _proof(given: Mapping[str, Any]) -> ProofOptions:
    return ProofOptions(
        level=given["verify"] or "outputs",
        asked=given["verify"] is not None,
        tolerance=given["tolerance"],
        token_ids=read_token_ids(given["token_ids"]),
        seed=given["seed"],
        reference=None if given["reference"] is None else Path(given["reference"]),
        judge=given["judge"],
        backend=given["backend"],
    )


def read_author(version: str | None, backend: str | None) -> Said:
    """`2.2.4` or `2.2.4-tf` as a file would say it, or `tf-1.15`: the release of TensorFlow.

    Raises:
        UsageError: no version of Keras 1 or 2.
    """
    if version is None:
        return Said(backend=backend)
    release = re.fullmatch(r"(?:tf|tensorflow)-([12])\.(\d+)(?:\.\d+)?", version)
    if release is not None:
        numbers = (int(release[1]), int(release[2]))
        return Said(keras_of(numbers), numbers, backend, version)
    if re.fullmatch(r"[12]\.\d+(\.\d+)?(-tf)?", version) is None:
        raise UsageError(f"--keras-version {version!r} is no version of Keras 1 or 2, like 1.2.2, 2.2.4 or tf-1.15")
    return Said(version, None, backend, version)


def read_token_ids(value: str | Sequence[int]) -> tuple[int, ...]:
    """`0,5,17` or a sequence.

    Raises:
        UsageError: no whole numbers.
    """
    if not isinstance(value, str):
        return tuple(value)
    try:
        return tuple(int(part) for part in value.split(",") if part.strip())
    except ValueError as error:
        raise UsageError(f"--token-ids {value!r} is not a list of whole numbers") from error


def read_outputs(value: str | Sequence[str]) -> tuple[str, ...]:
    """`dense_1,dense_2` or a sequence of names.

    Raises:
        UsageError: a name is empty.
    """
    if not isinstance(value, str):
        return tuple(value)
    found = tuple(part.strip() for part in value.split(","))
    if not all(found):
        raise UsageError(f"--outputs {value!r} is not a list of layers")
    return found


def read_input_shapes(given: Any) -> tuple[Shape | None, dict[str, Shape]]:
    """The shape of the only input, and those of inputs by name: `28,28,1`, `a=28,28,1`, a sequence, several, a mapping.

    Raises:
        UsageError: something else.
    """
    if isinstance(given, Mapping):
        pairs = list(given.items())
    elif isinstance(given, str):
        pairs = [_named_shape(given)]
    elif given and all(isinstance(item, str) for item in given):
        pairs = [_named_shape(item) for item in given]
    else:
        pairs = [("", given)] if given else []
    if len({name for name, _ in pairs}) < len(pairs):
        raise UsageError("--input-shape is given twice for one input")
    shapes = {name: read_input_shape(value) for name, value in pairs}
    alone = shapes.pop("", None)
    return alone, {name: shape for name, shape in shapes.items() if shape is not None}


def _named_shape(text: str) -> tuple[str, str]:
    name, _, shape = text.rpartition("=")
    return name, shape


def read_input_shape(value: str | Sequence[int | None] | None) -> tuple[int | None, ...] | None:
    """`28,28,1` or a sequence: the shape of one sample; `?` or None where an extent is free.

    Raises:
        UsageError: something else.
    """
    if value is None or not isinstance(value, str):
        found = None if value is None else tuple(value)
    else:
        parts = [part.strip() for part in value.split(",")]
        if not all(part.isdecimal() or part in ("?", "None") for part in parts):
            raise UsageError(f"--input-shape wants extents like 28,28,1 (? where one is free), not {value!r}")
        found = tuple(int(part) if part.isdecimal() else None for part in parts)
    if found is not None and not all(n is None or (isinstance(n, int) and n > 0) for n in found):
        raise UsageError(f"input_shape wants positive extents or None, not {value!r}")
    return found


def read_treat_as(given: Mapping[str, str] | Iterable[str]) -> dict[str, str]:
    """`["MyDense=Dense"]` → `{"MyDense": "Dense"}`.

    Raises:
        UsageError: not NAME=CLASS.
    """
    if isinstance(given, Mapping):
        return dict(given)
    found = {}
    for pair in given:
        name, _, target = pair.partition("=")
        if not name or not target:
            raise UsageError(f"--treat-as {pair!r} is not NAME=CLASS")
        found[name] = target
    return found
