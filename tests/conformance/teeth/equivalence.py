"""Whether a fault changes what a model computes: both archives in float64, on more inputs than the proof has.

Where that tells them apart, they are run as they are, too: a fault that changes no bit of any output is none.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
from k2to3.proof.compare import config_of
from k2to3.proof.differences import difference
from k2to3.proof.feeds import feeds
from k2to3.proof.inputs import input_samples
from k2to3.proof.keras2.reading import read_model
from k2to3.proof.running import predict

from tests.conformance.teeth.warm import opened

EXACT, SINGLE = 1e-9, 2e-6
SEEDS = (11, 12, 13)
FLOATS = ('"float16"', '"bfloat16"', '"mixed_float16"', '"mixed_bfloat16"', '"float32"')


def in_double(archive: Path, target: Path) -> None:
    """The same archive, computing in float64."""
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(target, "w") as written:
        for name in source.namelist():
            data = source.read(name)
            if name == "config.json":
                text = data.decode()
                for word in FLOATS:
                    text = text.replace(word, '"float64"')
                data = json.dumps(with_dtypes(json.loads(text))).encode()
            written.writestr(name, data)


def with_dtypes(node: Any) -> Any:
    if isinstance(node, dict):
        found = {key: with_dtypes(value) for key, value in node.items()}
        if node.get("module") == "keras.layers" and isinstance(node.get("config"), dict):
            found["config"] = {"dtype": "float64", **found["config"]}
        return found
    return [with_dtypes(item) for item in node] if isinstance(node, list) else node


def inputs(path: Path, shapes: list[Any], archive: Path) -> Iterator[list[Any]]:
    """Those that meet the constants of the file, and of the archive with the fault."""
    with opened(path) as checkpoint:
        samples = input_samples(read_model(checkpoint.model_config, checkpoint.writer), shapes)
        config = checkpoint.model_config
    specs = [vars(sample) for sample in samples]
    for seed in SEEDS:
        job = {"seed": seed, "inputs": specs, "model_config": config, "archive_config": config_of(str(archive))}
        for feed in feeds(job):
            yield feed.values


def differ(path: Path, good: Path, bad: Path, folder: Path) -> bool | None:
    """None where it cannot be said."""
    limit = EXACT
    try:
        for archive, name in ((good, "good64.keras"), (bad, "bad64.keras")):
            in_double(archive, folder / name)
        models = [keras.saving.load_model(folder / n, compile=False) for n in ("good64.keras", "bad64.keras")]
        if not _differ(path, bad, models, limit):
            return False
        # What is wider than the archive computes in may be told apart in float64 alone.
        limit = 0.0
    except Exception:
        limit = SINGLE
    try:
        return _differ(path, bad, [keras.saving.load_model(p, compile=False) for p in (good, bad)], limit)
    except Exception:
        return None if limit else True


def _differ(path: Path, bad: Path, models: list[Any], limit: float) -> bool:
    shapes = [tuple(x.shape) for x in models[0].inputs]
    for values in inputs(path, shapes, bad):
        first, second = (predict(model, values) for model in models)
        for want, have in zip(first, second, strict=True):
            gap, scale, problem = difference(want, have)
            if problem or gap > limit * scale:
                return True
    return False
