"""The record for people: one headline, what changed, what was proved."""

from __future__ import annotations

from collections import Counter

from k2to3.counting import counted, shortened
from k2to3.printable import printable
from k2to3.report.became import lambdas
from k2to3.report.opening import opening
from k2to3.report.record import Report

MAX_FINDINGS = 12


def lines(report: Report) -> list[str]:
    """The report of one conversion, ready to print."""
    if report.error is not None:
        return [error_line(report)]
    found = headline(report)
    found += finding_lines(report)
    found += _became(report)
    found += requirement_lines(report)
    found += proof_lines(report)
    custom = any(finding.kind == "custom" for finding in report.findings)
    if call := opening(report.target, report.status, custom=custom):
        found.append(f"open it with: {call}")
    return [printable(line) for line in found]


def error_line(report: Report) -> str:
    """The one line of a failure."""
    error = report.error or {}
    where = [f"layer {error['layer']!r}"] if error.get("layer") else []
    where += [f"key {error['key']!r}"] if error.get("key") else []
    text = f"{', '.join(where)}: {error['message']}" if where else str(error.get("message"))
    hint = f" ({error['hint']})" if error.get("hint") else ""
    return printable(f"{report.source}: {report.status}: {text}{hint}")


def _most(kinds: Counter[str], count: int) -> list[tuple[str, int]]:
    """As `most_common`, which imports a module for it."""
    return sorted(kinds.items(), key=lambda item: -item[1])[:count]


def headline(report: Report) -> list[str]:
    """Who wrote it and what became of it."""
    arrow = f" -> {report.target}" if report.target else ""
    kinds = Counter(layer["class"] for layer in report.layers)
    top = ", ".join(f"{name}×{count}" if count > 1 else name for name, count in _most(kinds, 6))
    more = ", …" if len(kinds) > 6 else ""
    return [
        f"{report.source}{arrow}: {_outcome(report)}",
        f"  written by {report.writer}; {counted(len(report.layers), 'layer')} ({top}{more}), "
        f"{counted(len(report.variables), 'variable')}",
    ]


def _outcome(report: Report) -> str:
    """The status, and how far the proof went."""
    if report.status == "proved":
        within = f", within {report.evidence.tolerance:g}" if report.evidence and report.evidence.outputs else ""
        return f"proved to the level {report.level!r}{within}"
    return f"converted, but not proved to the level {report.level!r}" if report.not_reached else report.status


def finding_lines(report: Report) -> list[str]:
    """Findings, equal ones counted together."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for finding in report.findings:
        grouped.setdefault((finding.kind, finding.text), []).append(finding.layer)
    shown = []
    for (kind, text), layers in list(grouped.items())[:MAX_FINDINGS]:
        names = shortened(layers)
        shown.append(f"  {kind:8s} {names + ': ' if names else ''}{text}")
    if len(grouped) > MAX_FINDINGS:
        shown.append(f"  … {counted(len(grouped) - MAX_FINDINGS, 'other finding')} (see --report)")
    return shown


def _became(report: Report) -> list[str]:
    """What each Lambda became."""
    found = [f"  became    {name} (Lambda): {ops}" for name, ops in lambdas(report.graph)]
    rest = len(found) - MAX_FINDINGS
    return found if rest <= 0 else [*found[:MAX_FINDINGS], f"  … {counted(rest, 'other Lambda')} (see --report)"]


def requirement_lines(report: Report) -> list[str]:
    """The oldest Keras 3 and the backends."""
    needs = report.requires
    if needs is None:
        return []
    why = f": {needs.because[0]}" if needs.because else ""
    more = f" and {len(needs.because) - 1} more" if len(needs.because) > 1 else ""
    found = [f"  opens in  Keras {needs.keras} and later{why}{more}; on {', '.join(needs.backends) or 'no backend'}"]
    return found + [f"  limit     {text}" for text in needs.limits]


def proof_lines(report: Report) -> list[str]:
    """What was compared, with numbers."""
    found = []
    if report.weights is not None:
        w = report.weights
        read = f"{counted(w.variables, 'variable')} re-read from disk and equal, {w.copied:,} of them bit for bit"
        found.append(
            f"  weights   {read if w.variables else 'the archive has no variables, and so has the checkpoint'}"
        )
    evidence = report.evidence
    if evidence is not None and evidence.embeddings:
        ids = sum(item["ids"] for item in evidence.embeddings)
        tables = counted(len(evidence.embeddings), "table")
        found.append(f"  embedding {tables}, {counted(ids, 'token ID')}: outputs and masks bit for bit equal")
    if evidence is not None and evidence.outputs:
        worst = max((item["max_error"] / item["scale"] for item in evidence.outputs if item["equal"]), default=0.0)
        feeds = len({item["feed"] for item in evidence.outputs})
        found.append(
            f"  outputs   {counted(len(evidence.outputs), 'comparison')} on {counted(feeds, 'input')}, "
            f"largest relative error {worst:.1e}; "
            f"reference: {evidence.oracle}; Keras {evidence.keras} on {evidence.backend}; seed {evidence.seed}"
        )
    if evidence is not None and evidence.layers:
        worst = max(item["max_error"] / item["scale"] for item in evidence.layers)
        calls = counted(len(evidence.layers), "call")
        found.append(f"  layers    {calls} on the judge's own inputs, largest error {worst:.1e}")
    if evidence is not None and evidence.training:
        worst = max(item["max_error"] / item["scale"] for item in evidence.training)
        found.append(f"  training  losses and weights after 1 and 10 steps, largest relative error {worst:.1e}")
    return found + [f"  NOT PROVED {text}" for text in report.not_proved]
