"""One small model for every layer and option, as tf-keras describes it; the values are drawn here.

    python tests/golden/layer_cases.py      rewrites tests/golden/layers/*.txt; read the diff

`layers/*.jsonl` are written by `python -m tests.conformance.layers.record`.
"""

from __future__ import annotations

import json
import sys
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from conftest import Json, write_checkpoint
from golden.plans import HERE, plan_text

LAYERS = HERE / "layers"
HEADING = "=== "


@dataclass(frozen=True)
class LayerCase:
    name: str
    version: str
    config: Json
    weights: dict[str, dict[str, list[Any]]]

    def plan(self, folder: Path) -> str:
        """The plan of a checkpoint with this architecture, written into a folder."""
        values = {
            layer: {name: _value(f"{layer}/{name}", *kind) for name, kind in kinds.items()}
            for layer, kinds in self.weights.items()
        }
        return plan_text(write_checkpoint(folder / "old.h5", self.config, values, version=self.version))


def _value(name: str, dtype: str, shape: list[int], value: Any = None) -> np.ndarray:
    """Always the same for a name."""
    if value is not None:
        return np.asarray(value, dtype)
    drawn = np.random.default_rng(zlib.crc32(name.encode())).uniform(0.1, 1.0, shape)
    if dtype == "bfloat16":
        return (np.asarray(drawn, np.float32).view(np.uint32) >> 16).astype(np.uint16).view("V2")
    return np.asarray(drawn.astype(dtype))


def families() -> list[Path]:
    return sorted(LAYERS.glob("*.jsonl"))


def cases(family: Path) -> list[LayerCase]:
    found = [json.loads(line) for line in family.read_text(encoding="utf-8").splitlines()]
    return [LayerCase(item["case"], item["version"], item["config"], item["weights"]) for item in found]


def written(family: Path) -> dict[str, str]:
    """The plans that are kept, by case."""
    blocks = family.with_suffix(".txt").read_text(encoding="utf-8").split(HEADING)[1:]
    return dict(block.split("\n", 1) for block in blocks)


def texts(family: Path) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        for case in cases(family):
            yield f"{HEADING}{case.name}\n{case.plan(Path(folder))}"


if __name__ == "__main__":
    for path in families():
        path.with_suffix(".txt").write_text("".join(texts(path)), encoding="utf-8")
