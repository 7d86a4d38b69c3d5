"""How two files compare."""

from __future__ import annotations

from dataclasses import asdict, field
from typing import Any

from k2to3.comparison.compare import Difference
from k2to3.dataclass import dataclass

SCHEMA = "k2to3-diff-1"


@dataclass(frozen=True)
class Comparison:
    """How two files compare.

    `by` says under which names: `names` (layer and weight of Keras 2) or `paths` (of Keras
    3's weights file). `equal`: every tensor is in both and equal.
    """

    a: str
    b: str
    by: str
    equal: bool
    tolerance: float
    tensors: list[Difference] = field(default_factory=list)
    only_in_a: list[str] = field(default_factory=list)
    only_in_b: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """The record as JSON, after `schemas/diff.schema.json`."""
        return {"schema": SCHEMA, **asdict(self)}
