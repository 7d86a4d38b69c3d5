"""The table of levels, each of which includes those before it."""

from __future__ import annotations

from k2to3.options.records import LEVELS as NAMES
from k2to3.proof.levels.embedding import EMBEDDING
from k2to3.proof.levels.layers import LAYERS
from k2to3.proof.levels.level import Level
from k2to3.proof.levels.outputs import OUTPUTS
from k2to3.proof.levels.training import TRAINING

LEVELS = (EMBEDDING, OUTPUTS, LAYERS, TRAINING)


def levels_up_to(name: str) -> list[Level]:
    """The levels that a proof of the level `name` goes through, in order."""
    return [level for level in LEVELS if NAMES.index(level.name) <= NAMES.index(name)]
