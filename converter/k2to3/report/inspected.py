"""The record of an inspection."""

from __future__ import annotations

import os
from dataclasses import asdict, field
from pathlib import Path
from typing import Any

from k2to3.dataclass import dataclass
from k2to3.findings import Finding
from k2to3.printable import printable
from k2to3.publish.publisher import REPORT, Publisher
from k2to3.report.endings import renderer
from k2to3.report.page.page import framed, page


@dataclass(repr=False)
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
    layers_in_all: int = 0
    """With those of nested models."""
    graph: dict[str, Any] | None = None
    """The graph of Keras 2 (`old`) and, where it can be planned, of Keras 3 (`new`)."""

    def to_json(self) -> dict[str, Any]:
        """The record as JSON, after `schemas/inspect.schema.json`."""
        return {"schema": "k2to3-inspect-1", **asdict(self)}

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Write it as a page (`.html`), a comment (`.md`) or the record (`.json`).

        Raises:
            UsageError: the name ends otherwise. FileError: it exists, or cannot be written.
        """
        target = Path(path)
        render = renderer(target)
        publisher = Publisher([Path(self.path)], overwrite=overwrite)
        publisher.write_text(target, render(self.to_json()), what=REPORT)

    def __repr__(self) -> str:
        count, end = len(self.layers), "convertible" if self.convertible else "not convertible"
        return printable(f"<Inspection {self.path}: {count} layers, {self.parameters:,} parameters, {end}>")

    def _repr_html_(self) -> str:
        return framed(page(self.to_json()))
