"""The summary of a batch as a page: Markdown, HTML or JSON, by the ending of its name."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from k2to3.errors import UsageError
from k2to3.migration.summary import Cause, causes, counts, summary
from k2to3.printable import printable
from k2to3.report.record import Report

TITLE = "Conversion to Keras 3"
STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ddd;padding:.3rem .6rem;"
    "text-align:left;vertical-align:top;overflow-wrap:anywhere}code{background:#f4f4f4}"
)
Page = Callable[[Sequence[Report], int], str]


def page_for(path: Path) -> Page:
    """How a page of this name is written.

    Raises:
        UsageError: an ending that means nothing.
    """
    found = PAGES.get(path.suffix.lower())
    if found is None:
        raise UsageError(f"--summary {path}: a summary ends in {', '.join(PAGES)}")
    return found


def counted(found: Mapping[str, int], skipped: int = 0) -> str:
    """One line of counts by status."""
    parts = [f"{status}: {count}" for status, count in sorted(found.items())]
    return "  ".join([*parts, *([f"(done before: {skipped})"] if skipped else [])]) or "no checkpoints"


def cause_lines(found: Sequence[Cause]) -> list[str]:
    """Failures by cause, for a terminal; the first of each stands for all."""
    lines = []
    for cause in found:
        lines.append(f"{cause.count} {cause.status}: {cause.message}")
        lines.append(f"    such as  {cause.example}")
        lines += [f"    way out  {cause.way_out}"] if cause.way_out else []
    return [printable(line) for line in lines]


def _markdown(reports: Sequence[Report], skipped: int) -> str:
    lines = [f"# {TITLE}", "", counted(counts(reports), skipped), ""]
    if found := causes(reports):
        lines += ["| files | status | cause | such as | way out |", "|---|---|---|---|---|"]
        lines += [_row(str(c.count), c.status, c.message, f"`{c.example}`", c.way_out or "") for c in found]
        lines.append("")
    lines += ["| file | status | became |", "|---|---|---|"]
    lines += [_row(report.source, report.status, report.target or "") for report in reports]
    return "\n".join(lines) + "\n"


def _row(*cells: str) -> str:
    return "| " + " | ".join(printable(cell).replace("|", "\\|").replace("<", "&lt;") for cell in cells) + " |"


def _html(reports: Sequence[Report], skipped: int) -> str:
    failures = [[str(c.count), c.status, c.message, c.example, c.way_out or ""] for c in causes(reports)]
    files = [[r.source, r.status, r.target or "", _said(r)] for r in reports]
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{TITLE}</title><style>{STYLE}</style>'
        f"<h1>{TITLE}</h1><p>{_text(counted(counts(reports), skipped))}</p>"
        + (_table(["files", "status", "cause", "such as", "way out"], failures) if failures else "")
        + "<h2>Files</h2>"
        + _table(["file", "status", "became", "why"], files)
        + "</html>\n"
    )


def _said(report: Report) -> str:
    return str(report.error["message"]) if report.error else "; ".join(report.not_proved)


def _table(head: list[str], rows: list[list[str]]) -> str:
    titles = "".join(f"<th>{_text(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>\n" for row in rows)
    return f"<table><thead><tr>{titles}</tr></thead><tbody>\n{body}</tbody></table>"


def _text(value: str) -> str:
    return escape(printable(value))


def _json(reports: Sequence[Report], skipped: int) -> str:
    found: dict[str, Any] = summary(reports, skipped)
    return json.dumps(found, indent=2) + "\n"


PAGES: Mapping[str, Page] = {".md": _markdown, ".html": _html, ".json": _json}
