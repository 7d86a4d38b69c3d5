"""One record per conversion, the same in Python, JSON and on the terminal."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from k2to3.archive.requirements import Requirements
from k2to3.engine.plan import Plan
from k2to3.errors import NOT_REACHED, K2to3Error, NotEqual
from k2to3.findings import Finding
from k2to3.printable import printable
from k2to3.publish.publisher import REPORT, Publisher
from k2to3.report.endings import renderer
from k2to3.report.graphs import graphs_of
from k2to3.report.versions import Versions
from k2to3.sources.checkpoint import Checkpoint
from k2to3.sources.digest import sha256
from k2to3.version import __version__
from k2to3.weights import Expression

if TYPE_CHECKING:
    from k2to3.proof.outputs import Evidence
    from k2to3.proof.weights import WeightProof

__all__ = ["Report", "sha256"]
SCHEMA = "k2to3-report-1"
RECORDS = frozenset({"requires", "weights", "evidence"})
STATUS = {
    1: "refused",
    2: "usage",
    3: "nothing to do",
    4: "unsafe file",
    5: "not equal",
    6: "file error",
    7: "proof failed",
    70: "failed",
    130: "interrupted",
}


@dataclass(repr=False)
class Report:
    """What happened to one checkpoint; a notebook shows it as a page.

    `status`: `proved` (every claim of the wanted level holds), `converted` (written, but
    not all was checked: see `not_proved`), `planned` (dry run), or the kind of error.
    """

    source: str
    target: str | None = None
    status: str = "planned"
    exit_code: int = 0
    source_sha256: str | None = None
    target_sha256: str | None = None
    source_bytes: int = 0
    target_bytes: int = 0
    writer: str | None = None
    kind: str | None = None
    level: str = "none"
    layers: list[dict[str, Any]] = field(default_factory=list)
    variables: list[dict[str, Any]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    requires: Requirements | None = None
    weights: WeightProof | None = None
    evidence: Evidence | None = None
    not_proved: list[str] = field(default_factory=list)
    error: dict[str, Any] | None = None
    seconds: float = 0.0
    verb: str = "convert"
    options: dict[str, Any] = field(default_factory=dict)
    """What was asked for beyond the defaults, as far as JSON can say it."""
    times: dict[str, float] = field(default_factory=dict)
    """Seconds of each phase: `plan`, `write`, `prove`."""
    versions: Mapping[str, str] = field(default_factory=Versions)
    graph: dict[str, Any] | None = None
    """The graph of Keras 2 (`old`) and of Keras 3 (`new`); not kept in a batch."""
    used: frozenset[tuple[str, str]] = frozenset()
    """Options by name that meant something: (`lambdas` or `drop`, name)."""

    def to_json(self) -> dict[str, Any]:
        """The record as JSON, after `schemas/report.schema.json`."""
        found: dict[str, Any] = {"schema": SCHEMA, "k2to3": __version__}
        for item in fields(self):
            value = getattr(self, item.name)
            if item.name == "findings":
                found[item.name] = [asdict(finding) for finding in value]
            elif item.name in RECORDS:
                found[item.name] = None if value is None else asdict(value)
            elif item.name == "versions":
                found[item.name] = dict(value)
            elif item.name != "used":
                found[item.name] = value
        return found

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Write the report: a page (`.html`), a comment (`.md`) or the record (`.json`).

        Raises:
            UsageError: the name ends otherwise. FileError: it exists, or cannot be written.
        """
        target = Path(path)
        render = renderer(target)
        files = [Path(name) for name in (self.source, self.target) if name]
        publisher = Publisher(files, overwrite=overwrite)
        publisher.write_text(target, render(self.to_json()), what=REPORT)

    def __repr__(self) -> str:
        arrow = f" -> {self.target}" if self.target else ""
        level = f" to the level {self.level!r}" if self.status == "proved" else ""
        return printable(f"<Report {self.source}{arrow}: {self.status}{level}>")

    def _repr_html_(self) -> str:
        from k2to3.report.page.page import framed, page

        return framed(page(self.to_json()))

    @property
    def ok(self) -> bool:
        """Whether all that was asked for was done, and proved as far as it was asked."""
        return self.exit_code == 0

    @contextmanager
    def phase(self, name: str, listener: Callable[[str], None] | None = None) -> Iterator[None]:
        """Measure a part of the work, and tell who listens that it begins."""
        if listener is not None:
            listener(name)
        started = monotonic()
        try:
            yield
        finally:
            self.times[name] = round(self.times.get(name, 0.0) + monotonic() - started, 3)

    @property
    def not_reached(self) -> bool:
        """Written, but a claim of the wanted level could not be checked."""
        return self.exit_code == NOT_REACHED

    def fail(self, error: K2to3Error) -> None:
        """Record an error."""
        self.status = STATUS.get(error.exit_code, "refused")
        self.exit_code = error.exit_code
        self.error = {
            "type": type(error).__name__,
            "message": error.message,
            "layer": error.layer,
            "key": error.key,
            "hint": error.way_out,
            "divergence": error.divergence if isinstance(error, NotEqual) else None,
        }

    def describe(self, checkpoint: Checkpoint, plan: Plan, *, graph: bool, statistics: bool) -> None:
        """Fill in what is known before anything is written; `statistics` reads every weight."""
        self.writer, self.kind = str(checkpoint.writer), checkpoint.kind
        self.findings = plan.findings
        self.requires = plan.requires
        self.graph = graphs_of(plan) if graph else None
        self.layers = [
            {"name": record.name, "class": record.class_name, "calls": len(record.calls)}
            for record in plan.source.layers
        ]
        self.variables = [
            {
                "path": f"{group.path}/vars/{index}",
                "layer": group.layer.name,
                "from": str(expression),
                "shape": list(expression.shape),
                "dtype": expression.dtype,
                "exact": expression.exact,
                **(_statistics(expression) if statistics else {}),
            }
            for group in plan.groups
            for index, expression in enumerate(group.variables)
        ]


def _statistics(expression: Expression) -> dict[str, Any]:
    from k2to3.report.statistics import statistics_of

    return {"statistics": statistics_of(expression)}
