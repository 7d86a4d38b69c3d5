"""Configs of layers and models, as short as Keras would still read them, and their specifications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from conftest import write_checkpoint
from k2to3.proof.keras2.reading import read_model
from k2to3.proof.keras2.specification import Specification
from k2to3.sources.read import read_checkpoint

Json = dict[str, Any]
RANDOM = np.random.default_rng(7)


def layer(class_name: str, name: str, **config: Any) -> Json:
    return {"class_name": class_name, "config": {"name": name, **config}}


def entry(name: str, shape: list[int | None], dtype: str = "float32", **config: Any) -> Json:
    return layer("InputLayer", name, batch_input_shape=[None, *shape], dtype=dtype, **config)


def sequential(*layers: Json) -> Json:
    return {"class_name": "Sequential", "config": {"name": "model", "layers": list(layers)}}


def graph(nodes: list[tuple[Json, list[Any]]], outputs: list[str]) -> Json:
    """A Functional model; each node is a layer and the names of what it is called on (a pair gives call arguments)."""
    layers = []
    for config, sources in nodes:
        refs = [[s, 0, 0, {}] if isinstance(s, str) else [s[0], 0, 0, s[1]] for s in sources]
        layers.append({**config, "name": config["config"]["name"], "inbound_nodes": [refs] if refs else []})
    inputs = [[item["name"], 0, 0] for item in layers if item["class_name"] == "InputLayer"]
    inner = {"name": "model", "layers": layers, "input_layers": inputs, "output_layers": [[o, 0, 0] for o in outputs]}
    return {"class_name": "Functional", "config": inner}


def lstm(name: str = "lstm", units: int = 3, **config: Any) -> Json:
    given = {"activation": "tanh", "recurrent_activation": "sigmoid", "return_sequences": False, **config}
    return layer("LSTM", name, units=units, **given)


def lstm_weights(inputs: int = 2, units: int = 3) -> list[Any]:
    shapes = [(inputs, 4 * units), (units, 4 * units), (4 * units,)]
    return [RANDOM.standard_normal(shape) for shape in shapes]


def random(*shape: int) -> Any:
    return RANDOM.standard_normal(shape).astype(np.float32)


def specify(
    folder: Path,
    config: Json,
    weights: Mapping[str, Sequence[Any]] | None = None,
    version: str = "2.15.0",
    backend: str = "tensorflow",
    names: Sequence[str] = (),
) -> Specification:
    """`weights` maps a layer to its arrays in the order of the file; `names` are what the file calls them."""
    ending = "" if backend == "theano" else ":0"
    given = iter(names)
    named = {
        of: {next(given, f"{of}/w{n}{ending}"): np.asarray(value, np.float32) for n, value in enumerate(values)}
        for of, values in (weights or {}).items()
    }
    path = write_checkpoint(folder / "model.h5", config, named, version=version, backend=backend)
    with read_checkpoint(path) as checkpoint:
        model = read_model(checkpoint.model_config, checkpoint.writer)
        return Specification(model, checkpoint.writer, checkpoint.weights)
