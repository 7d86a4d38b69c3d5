"""Shared helpers: checkpoints made with h5py alone, and the genuine fixtures."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"
FAST = {"archive", "custom", "functions", "golden", "keras2", "keras3", "rules", "sources", "training", "weights"}
"""Folders of the fast loop (`pytest -m fast`): what needs no framework and is not slow."""
Json = dict[str, Any]
Weights = dict[str, dict[str, np.ndarray]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        slow = any(item.get_closest_marker(name) for name in ("keras", "conformance", "slow"))
        if not slow and FAST & set(item.path.relative_to(ROOT / "tests").parts):
            item.add_marker(pytest.mark.fast)


def dense_layer(name: str = "dense", units: int = 3, **config: Any) -> Json:
    return {"class_name": "Dense", "config": {"name": name, "units": units, "activation": "linear", **config}}


def sequential(*layers: Json, name: str = "model") -> Json:
    return {"class_name": "Sequential", "config": {"name": name, "layers": list(layers)}}


def small_model() -> tuple[Json, Weights]:
    """Dense(3) on four features, as Keras 2.4 would save it."""
    config = sequential(dense_layer(batch_input_shape=[None, 4]))
    generator = np.random.default_rng(0)
    weights = {
        "dense": {
            "dense/kernel:0": generator.standard_normal((4, 3)).astype("float32"),
            "dense/bias:0": generator.standard_normal(3).astype("float32"),
        }
    }
    return config, weights


def write_checkpoint(
    path: Path,
    config: Json | None,
    weights: Weights,
    *,
    version: str = "2.4.0",
    backend: str = "tensorflow",
    as_bytes: bool = True,
    whole: bool = True,
) -> Path:
    """Write a Keras 2 file; `whole=False` writes weights only."""
    encode: Callable[[str], Any] = (lambda s: s.encode()) if as_bytes else (lambda s: s)
    with h5py.File(path, "w") as file:
        root = file.create_group("model_weights") if whole else file
        if whole:
            file.attrs["model_config"] = encode(json.dumps(config))
        for holder in {file, root}:
            holder.attrs["keras_version"] = encode(version)
            holder.attrs["backend"] = encode(backend)
        root.attrs["layer_names"] = [encode(name) for name in weights]
        for layer, tensors in weights.items():
            group = root.create_group(layer)
            group.attrs["weight_names"] = [encode(name) for name in tensors] if tensors else np.zeros(0)
            for name, value in tensors.items():
                group.create_dataset(name, data=value)
    return path


def members(path: Path) -> dict[str, bytes]:
    """What an archive holds, but for its note, which names the very file it was made of."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != "metadata.json"}


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return write_checkpoint(tmp_path / "old.h5", *small_model())


def genuine() -> list[Path]:
    """Every genuine fixture, in a fixed order."""
    return sorted(FIXTURES.glob("*.h5"))


def architecture_of(path: Path) -> Path | None:
    found = path.with_suffix(".arch.json")
    return found if found.exists() else None
