"""One record per conversion, the same in Python, JSON and on the terminal."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from k2to3.archive.requirements import Requirements
from k2to3.engine.plan import Plan
from k2to3.errors import NOT_REACHED, K2to3Error, NotEqual
from k2to3.findings import Finding
from k2to3.proof.outputs import Evidence
from k2to3.proof.weights import WeightProof
from k2to3.sources.checkpoint import Checkpoint
from k2to3.sources.digest import sha256
from k2to3.version import __version__

__all__ = ["Report", "sha256"]
SCHEMA = "k2to3-report-1"
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


@dataclass
class Report:
    """What happened to one checkpoint.

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
    used: frozenset[tuple[str, str]] = frozenset()
    """Options by name that meant something: (`lambdas` or `drop`, name)."""

    def to_json(self) -> dict[str, Any]:
        """The record as JSON, after `schemas/report.schema.json`."""
        found = {"schema": SCHEMA, "k2to3": __version__, **asdict(self)}
        del found["used"]
        return found

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
            "hint": error.hint,
            "divergence": error.divergence if isinstance(error, NotEqual) else None,
        }

    def describe(self, checkpoint: Checkpoint, plan: Plan) -> None:
        """Fill in what is known before anything is written."""
        self.writer, self.kind = str(checkpoint.writer), checkpoint.kind
        self.findings = plan.findings
        self.requires = plan.requires
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
            }
            for group in plan.groups
            for index, expression in enumerate(group.variables)
        ]
