"""The record of an inspection."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from k2to3.findings import Finding


@dataclass
class Inspection:
    """Everything about a checkpoint that can be told without converting it."""

    path: str
    kind: str = "unknown"
    writer: str | None = None
    layers: list[dict[str, Any]] = field(default_factory=list)
    parameters: int = 0
    optimizer: str | None = None
    needs: dict[str, list[str]] = field(default_factory=dict)
    """Names of the author's own code that the file mentions, by kind: `layers`, `activations`, ..."""
    findings: list[Finding] = field(default_factory=list)
    blockers: list[str] = field(default_factory=list)
    convertible: bool = False

    def to_json(self) -> dict[str, Any]:
        return {"schema": "k2to3-inspect-1", **asdict(self)}
