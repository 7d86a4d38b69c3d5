"""Checkpoints with one Lambda each, of the corpus of stored functions."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import h5py
import numpy as np

CORPUS = Path(__file__).resolve().parents[1] / "conformance" / "lambdas" / "corpus.json.gz"
EACH = 6
"""Functions of each version of Python."""


def write_lambdas(folder: Path) -> list[Path]:
    """One file for each; those that cannot be converted drop out when they are opened."""
    folder.mkdir(parents=True, exist_ok=True)
    with gzip.open(CORPUS) as file:
        codes: dict[str, dict[str, str]] = json.load(file)
    found = []
    for version, functions in sorted(codes.items()):
        step = max(1, len(functions) // EACH)
        for name in sorted(functions)[::step]:
            path = folder / f"lambda-{version}-{name}.h5"
            if not path.exists():
                _write(path, functions[name])
            found.append(path)
    return found


def _write(path: Path, code: str) -> None:
    config = {
        "name": "lambda", "trainable": True, "dtype": "float32", "batch_input_shape": [None, 4, 6],
        "function": [code, None, None], "function_type": "lambda", "arguments": {},
    }  # fmt: skip
    layers = [{"class_name": "Lambda", "config": config}]
    model = {"class_name": "Sequential", "config": {"name": "sequential", "layers": layers}}
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"], file.attrs["backend"] = "2.4.0", "tensorflow"
        file.attrs["model_config"] = json.dumps(model)
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = np.array([b"lambda"])
        group.create_group("lambda").attrs["weight_names"] = np.array([], "S1")
