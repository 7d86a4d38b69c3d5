"""What a hint is tried on: a case that prints it, and the same case after what the hint says was done."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import k2to3
import numpy as np
from conftest import write_checkpoint
from k2to3.cli.main import main

Json = dict[str, Any]
Make = Callable[[Path], Path]
Options = Mapping[str, Any]
Shapes = Mapping[str, Mapping[str, Sequence[int]]]


class Failed(Exception):
    """The command line said no."""


def convert(source: Path, folder: Path, options: Json) -> None:
    k2to3.convert(source, folder / "new.keras", verify="none", **options)


def proved(source: Path, folder: Path, options: Json) -> None:
    k2to3.convert(source, folder / "new.keras", **options)


def command(*words: str) -> Callable[[Path, Path, Json], None]:
    """A command line; `{source}` and `{folder}` stand for paths. Options are more words."""

    def run(source: Path, folder: Path, options: Json) -> None:
        given = [*words, *options.get("words", ())]
        line = [word.replace("{source}", str(source)).replace("{folder}", str(folder)) for word in given]
        try:
            code = main(line)
        except SystemExit as error:
            code = int(error.code or 0)
        if code:
            raise Failed(f"exit code {code}")

    return run


@dataclass(frozen=True)
class Way:
    """`place`: of the hint (see `hint_sites`). Either the options `then` are what it names, or `mended` makes the
    case as it is after what the hint says was done elsewhere, and `said` is a piece of the hint.
    """

    place: str
    make: Make
    then: Options = field(default_factory=dict)
    mended: Make | None = None
    given: Options = field(default_factory=dict)
    said: str = ""
    verb: Callable[[Path, Path, Json], object] = convert
    again: Callable[[Path, Path, Json], object] | None = None
    """Where the hint names another verb."""


def layer(class_name: str, *shape: int | None, name: str = "it", batch: int | None = None, **config: Any) -> Json:
    """A layer; one with a shape is the first."""
    first = {"batch_input_shape": [batch, *shape]} if shape else {}
    return {"class_name": class_name, "config": {"name": name, **first, **config}}


def file(*layers: Json, weights: Shapes | None = None, architecture: Json | None = None, **options: Any) -> Make:
    """A Sequential of these layers in `old.h5`."""
    config = architecture or {"class_name": "Sequential", "config": {"name": "m", "layers": list(layers)}}

    def make(folder: Path) -> Path:
        return write_checkpoint(folder / "old.h5", config, filled(weights or {}), **options)

    return make


def filled(weights: Shapes) -> dict[str, dict[str, np.ndarray]]:
    return {
        name: {f"{name}/{key}:0": np.full(shape, 0.5, "float32") for key, shape in given.items()}
        for name, given in weights.items()
    }


def with_file(make: Make, name: str, text: str) -> Make:
    """The same with a text beside it."""

    def both(folder: Path) -> Path:
        (folder / name).write_text(text)
        return make(folder)

    return both


def functional(inputs: Mapping[str, Sequence[int | None]], *layers: Json, outputs: Sequence[str]) -> Json:
    """A Functional model: `layers` with their `inbound_nodes`."""
    starts = [
        {"class_name": "InputLayer", "name": name, "inbound_nodes": [],
         "config": {"name": name, "batch_input_shape": [None, *shape], "dtype": "float32"}}
        for name, shape in inputs.items()
    ]  # fmt: skip
    ends = [[name, 0, 0] for name in inputs], [[name, 0, 0] for name in outputs]
    config = {"name": "m", "layers": [*starts, *layers], "input_layers": ends[0], "output_layers": ends[1]}
    return {"class_name": "Functional", "config": config}


def called(made: Json, *sources: str, **settings: Any) -> Json:
    """The layer in a Functional model, called on the outputs of others."""
    node = [[source, 0, 0, settings if index == 0 else {}] for index, source in enumerate(sources)]
    return {**made, "name": made["config"]["name"], "inbound_nodes": [node]}


def dense(name: str = "dense", units: int = 3, *shape: int | None, **config: Any) -> Json:
    return layer("Dense", *shape, name=name, units=units, activation="linear", **config)


def dense_weights(rows: int, units: int = 3) -> dict[str, Sequence[int]]:
    return {"kernel": (rows, units), "bias": (units,)}


def placed(value: Any, folder: Path) -> Any:
    """`{folder}` in a text stands for the folder of the case."""
    if isinstance(value, str):
        return value.replace("{folder}", str(folder))
    if isinstance(value, Mapping):
        return {key: placed(item, folder) for key, item in value.items()}
    return [placed(item, folder) for item in value] if isinstance(value, (list, tuple)) else value


def text_of(config: Json) -> str:
    return json.dumps({**config, "keras_version": "2.4.0", "backend": "tensorflow"})
