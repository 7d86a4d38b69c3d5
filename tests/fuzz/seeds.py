"""The checkpoints that mutations start from: small, genuine, of every generation and dialect."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from k2to3.engine.plan import Plan, make_plan
from k2to3.errors import K2to3Error
from k2to3.sources.checkpoint import Checkpoint
from k2to3.sources.read import read_checkpoint

from .digest import digest

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
LARGEST = 400_000
EACH = 2
"""How many files of one kind, the oldest and the newest."""
Json = dict[str, Any]


@dataclass(frozen=True)
class Seed:
    """An open checkpoint, its architecture and training config as one tree, and what is planned of it."""

    path: Path
    architecture: Path | None
    checkpoint: Checkpoint
    tree: Json
    digest: str

    @property
    def name(self) -> str:
        return self.path.name

    def planned(self, tree: Json) -> Plan:
        """The plan of this checkpoint with another architecture or training config."""
        model, training = tree.get("model_config"), tree.get("training_config")
        if not isinstance(model, dict) or not isinstance(training, dict | None):
            model, training = self.tree["model_config"], self.tree["training_config"]
        return make_plan(replace(self.checkpoint, model_config=model, training_config=training))


def files(folder: Path = FIXTURES) -> list[Path]:
    """Files to start from: a few of each kind."""
    kinds: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".h5", ".keras") and path.stat().st_size <= LARGEST:
            kinds.setdefault(path.stem.split("__")[-1], []).append(path)
    return [path for listed in kinds.values() for path in (listed if len(listed) <= EACH else [listed[0], listed[-1]])]


def architecture_of(path: Path) -> Path | None:
    for suffix in (".h5", ".weights.h5"):
        for ending in (".arch.json", ".yaml"):
            found = path.with_name(path.name.removesuffix(suffix) + ending)
            if path.name.endswith(suffix) and found.exists():
                return found
    return None


def open_seeds(paths: list[Path]) -> Iterator[Seed]:
    """Those that can be converted as they are."""
    for path in paths:
        architecture = architecture_of(path)
        try:
            checkpoint = read_checkpoint(path, architecture)
            found = digest(make_plan(checkpoint))
        except K2to3Error:
            continue
        tree = {"model_config": checkpoint.model_config, "training_config": checkpoint.training_config}
        yield Seed(path, architecture, checkpoint, tree, found)
