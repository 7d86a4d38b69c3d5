"""One small model for every layer and option, as tf-keras describes it; the values are drawn here.

    python tests/golden/layer_cases.py      rewrites tests/golden/layers/*.txt; read the diff

`layers/*.jsonl` are written by `python -m tests.conformance.layers.record`.
"""

from __future__ import annotations

import difflib
import json
import sys
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from conftest import Json, sequential, write_checkpoint
from golden.options import ROWS, Row
from golden.plans import HERE, plan_text
from golden.spaces import ROWS as SPACES
from golden.states import cases as given_states
from k2to3.limits import Limits
from k2to3.sources.examine import examine
from k2to3.sources.opened import OpenedFile
from k2to3.sources.tree_index import Told, told_by

LAYERS = HERE / "layers"
HEADING = "=== "
OLD_WRITERS = (("2.2.4", "tensorflow"), ("2.2.4-tf", "tensorflow"), ("2.1.6-tf", "tensorflow"))


@dataclass(frozen=True)
class LayerCase:
    name: str
    version: str
    config: Json
    weights: dict[str, dict[str, list[Any]]]
    backend: str = "tensorflow"

    def plan(self, folder: Path) -> str:
        """The plan of a checkpoint with this architecture, written into a folder."""
        # Theano names no output of an op.
        ending = ":0" if self.backend == "theano" else ""
        values = {
            layer: {name.removesuffix(ending): _value(f"{layer}/{name}", *kind) for name, kind in kinds.items()}
            for layer, kinds in self.weights.items()
        }
        path = folder / "old.h5"
        return plan_text(write_checkpoint(path, self.config, values, version=self.version, backend=self.backend))


def look_here(file: OpenedFile, offset: int, size: int, limits: Limits) -> list[Told]:
    """As `look` of `k2to3.sources.hdf5` in no child process, which takes most of the time: these files are our own."""
    return [told_by(b"".join(examine(file, offset, size, limits).written()))]


def _value(name: str, dtype: str, shape: list[int], value: Any = None) -> np.ndarray:
    """Always the same for a name."""
    if value is not None:
        return np.asarray(value, dtype)
    drawn = np.random.default_rng(zlib.crc32(name.encode())).uniform(0.1, 1.0, shape)
    if dtype == "bfloat16":
        return (np.asarray(drawn, np.float32).view(np.uint32) >> 16).astype(np.uint16).view("V2")
    return np.asarray(drawn.astype(dtype))


def families() -> dict[str, list[LayerCase]]:
    """The cases by the file that holds their plans."""
    recorded = {path.stem: _recorded(path) for path in sorted(LAYERS.glob("*.jsonl"))}
    return recorded | {"options": list(options(ROWS)), "spaces": list(options(SPACES)), "states": list(states())}


def _recorded(family: Path) -> list[LayerCase]:
    found = [json.loads(line) for line in family.read_text(encoding="utf-8").splitlines()]
    return [LayerCase(item["case"], item["version"], item["config"], item["weights"]) for item in found]


def options(rows: Sequence[Row]) -> Iterator[LayerCase]:
    """Those that were written by hand."""
    for name, version, backend, layers, weights in rows:
        kinds = {layer: {name: ["float32", list(shape)] for name, shape in of.items()} for layer, of in weights.items()}
        # Keras 1 wrote a list.
        config = {"class_name": "Sequential", "config": layers} if version < "2" else sequential(*layers)
        yield LayerCase(name, version, config, kinds, backend)


def states() -> Iterator[LayerCase]:
    """Those that are given states, by hand too."""
    for name, version, backend, config, weights in given_states():
        kinds = {f"it/{weight}:0": ["float32", list(shape)] for weight, shape in weights.items()}
        starts = [layer["name"] for layer in config["config"]["layers"] if layer["name"] != "it"]
        yield LayerCase(name, version, config, {**{start: {} for start in starts}, "it": kinds}, backend)


def old_writers() -> Iterator[tuple[LayerCase, str]]:
    """Recurrent layers as if older Kerases had written them, and the name of the plan they are compared with."""
    for family in ("recurrent", "unrolled", "wrapped"):
        for case in _recorded(LAYERS / f"{family}.jsonl"):
            if any(word in case.name for word in ("mask", "state", "encoder", "Bidirectional", "list", "Stacked")):
                for version, backend in OLD_WRITERS:
                    yield replace(case, version=version, backend=backend), family


def change(case: LayerCase, modern: str, folder: Path) -> str:
    """What an older writer changes in a plan."""
    lines = difflib.unified_diff(modern.splitlines(), case.plan(folder).splitlines(), lineterm="", n=0)
    return "".join(f"{line}\n" for line in lines if not line.startswith(("---", "+++", "@@")))


def written(family: str) -> dict[str, str]:
    """The plans that are kept, by case."""
    blocks = (LAYERS / f"{family}.txt").read_text(encoding="utf-8").split(HEADING)[1:]
    return dict(block.split("\n", 1) for block in blocks)


def _write(family: str, plans: Iterator[tuple[str, str]]) -> None:
    text = "".join(f"{HEADING}{name}\n{plan}" for name, plan in plans)
    (LAYERS / f"{family}.txt").write_text(text, encoding="utf-8")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for family, cases in families().items():
            _write(family, ((case.name, case.plan(folder)) for case in cases))
        kept = {family: written(family) for family in families()}
        old = ((old_name(case), change(case, kept[family][case.name], folder)) for case, family in old_writers())
        _write("old_writers", old)


def old_name(case: LayerCase) -> str:
    return f"{case.name} by {case.version} on {case.backend}"


if __name__ == "__main__":
    main()
