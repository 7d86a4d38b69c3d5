"""What a run has found interesting: mutants that reached new code, to mutate further."""

from __future__ import annotations

import random
from typing import Any

from . import trees
from .seeds import Seed

LARGEST = 400
AGAIN = 0.25


class Corpus:
    """Trees per seed, and what is computed once for each."""

    def __init__(self, seeds: list[Seed]) -> None:
        self.seeds = seeds
        self._trees: dict[str, list[Any]] = {}
        self._places: dict[tuple[str, str], list[trees.Path]] = {}
        self.unfit: set[tuple[str, str]] = set()
        """(mutator, seed) where there is nothing to change."""
        self._yaml: dict[str, str] = {}

    def add(self, seed: Seed, tree: Any, generator: random.Random) -> None:
        kept = self._trees.setdefault(seed.name, [])
        if len(kept) < LARGEST // 10:
            kept.append(tree)
        else:
            kept[generator.randrange(len(kept))] = tree

    def tree(self, seed: Seed, generator: random.Random) -> Any:
        kept = self._trees.get(seed.name)
        return generator.choice(kept) if kept and generator.random() < AGAIN else seed.tree

    def places(self, seed: Seed, tree: Any, under: str) -> list[trees.Path]:
        if tree is not seed.tree:
            return list(trees.paths(trees.at(tree, (under,)), (under,))) or [()]
        key = (seed.name, under)
        if key not in self._places:
            self._places[key] = list(trees.paths(tree[under], (under,)))
        return self._places[key]

    def yaml(self, seed: Seed) -> str:
        if seed.name not in self._yaml:
            import yaml

            self._yaml[seed.name] = yaml.safe_dump(seed.tree["model_config"])
        return self._yaml[seed.name]
