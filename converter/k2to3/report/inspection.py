"""An inspection for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from k2to3.counting import counted, shortened
from k2to3.findings import Finding
from k2to3.printable import listing
from k2to3.report.became import lambdas
from k2to3.report.inspected import Inspection

WIDEST = 40
KINDS = {
    "model": "a whole Keras model",
    "weights": "weights with a separate architecture",
    "archive": "a .keras archive of Keras 2",
    "variables": "a .weights.h5 file with a separate architecture",
    "saved_model": "a SavedModel folder",
    "checkpoint": "a TensorFlow checkpoint with a separate architecture",
}


def lines(found: Inspection, *, weights: bool = False) -> list[str]:
    """The inspection as text, blockers last."""
    writer = f", written by {found.writer}" if found.writer else ""
    out = [f"{found.path}: {KINDS.get(found.kind, found.kind)}{writer}"]
    optimizer = f", compiled with {found.optimizer}" if found.optimizer else ""
    nested = (
        f" ({found.layers_in_all:,} with those of nested models)" if found.layers_in_all > len(found.layers) else ""
    )
    parameters = counted(found.parameters, "parameter")
    out.append(f"  {counted(len(found.layers), 'layer')}{nested}, {parameters}{optimizer}")
    out += _table(found, weights=weights)
    out += [f"  {_need(kind)}: {', '.join(names)}" for kind, names in found.needs.items()]
    out += [f"  will change: {text}" for text in _folded(found.findings)]
    out += [f"  will become: {name} (Lambda): {ops}" for name, ops in lambdas(found.graph)]
    out += [f"  blocks: {text}" for text in found.blockers]
    out.append("convertible" if found.convertible else "not convertible")
    return [listing(line) for line in out]


def _table(found: Inspection, *, weights: bool) -> Iterator[str]:
    """A line for each layer: name, class, parameters; no wider than the longest of each."""
    rows = [(layer["name"], layer["class"], f"{layer['parameters']:,}") for layer in found.layers]
    names, classes, numbers = (max((len(row[column]) for row in rows), default=0) for column in range(3))
    for (name, kind, number), layer in zip(rows, found.layers, strict=True):
        yield f"  {name:{min(names, WIDEST)}s}  {kind:{min(classes, WIDEST)}s}  {number:>{numbers}s}"
        if weights:
            yield from (f"      {w['name']}  {w['shape']}  {w['dtype']}" for w in layer["weights"])


def _folded(findings: Sequence[Finding]) -> Iterator[str]:
    """What is said of several layers alike is said once."""
    grouped: dict[tuple[str, str, str], list[str]] = {}
    for finding in findings:
        grouped.setdefault((finding.kind, finding.class_name, finding.text), []).append(finding.layer)
    for (kind, class_name, text), names in grouped.items():
        where = f"{shortened(names)} ({class_name}): " if any(names) else ""
        yield f"{kind}: {where}{text}"


def _need(kind: str) -> str:
    return f"{kind}, rebuilt from built-in ones" if kind.startswith("third-party") else f"needs the author's {kind}"
