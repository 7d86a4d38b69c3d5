"""A record as Markdown: short enough for a comment on a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from k2to3.counting import counted
from k2to3.printable import printable
from k2to3.report.view import View, view_of

MARKS = {"good": "✅", "part": "⚠️", "bad": "❌"}
MOST = 30
RUNS = re.compile(r"`+")
SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|<>~&@$:-])")


def markdown(record: Mapping[str, Any]) -> str:
    """The record of a conversion, a verification or an inspection, as GitHub's Markdown."""
    return "\n".join(_lines(view_of(record))) + "\n"


def plain(value: object) -> str:
    """Any text as a text of Markdown: no markup, no link, nobody mentioned."""
    return SPECIAL.sub(r"\\\1", printable(str(value))).replace("\\@", "@\u200b")


def code(value: object) -> str:
    """Any text as a code span."""
    text = printable(str(value))
    fence = "`" * (1 + max((len(run) for run in RUNS.findall(text)), default=0))
    edge = " " if text.startswith("`") or text.endswith("`") or not text.strip() else ""
    return f"{fence}{edge}{text}{edge}{fence}"


def cell(value: object) -> str:
    """A code span in a table."""
    return code(value).replace("|", "\\|")


def _lines(view: View) -> Iterator[str]:
    yield f"### {MARKS[view.state]} {code(view.title)}"
    yield f"\n**{plain(view.verdict)}**\n"
    yield from ("| | |", "|---|---|")
    yield from (f"| {plain(name)} | {plain(value)} |" for name, value in view.facts)
    yield from _section("What blocks", (f"- ❌ {plain(line)}" for line in view.blockers))
    claims = [f"- {MARKS[claim.state]} **{plain(claim.level)}**: {plain(claim.text)}" for claim in view.claims]
    yield from _section("What is proved", claims + [f"- ⚠️ **not proved**: {plain(line)}" for line in view.open])
    findings = []
    for said in view.findings:
        names = ", ".join(code(name) for name in said.layers[:4] if name) + (
            f" and {len(said.layers) - 4} more" if len(said.layers) > 4 else ""
        )
        findings.append(f"- **{plain(said.kind)}** {names + ': ' if names else ''}{plain(said.text)}")
    yield from _section("What changes", findings)
    yield from _layers(view)
    if view.replay:
        block = "\n".join(printable(line) for line in view.replay)
        fence = "`" * max(3, 1 + max((len(run) for run in RUNS.findall(block)), default=0))
        yield from _section("Do it again", [f"{fence}sh", block, fence])


def _section(title: str, lines: Any) -> Iterator[str]:
    found = list(lines)
    if found:
        yield f"\n#### {title}\n"
        yield from found


def _layers(view: View) -> Iterator[str]:
    changed = [row for row in view.rows if row.changed]
    if not changed:
        return
    yield f"\n<details><summary>{len(changed):,} of {counted(len(view.rows), 'layer')} changed</summary>\n"
    yield from ("| layer | class | became | variables computed |", "|---|---|---|---|")
    for row in changed[:MOST]:
        became = ", ".join(cell(kind) for kind, _ in row.became[:4]) + (", …" if len(row.became) > 4 else "")
        computed = ", ".join(cell(item["from"]) for item in row.variables if not item["exact"])
        yield f"| {cell(row.path)} | {cell(row.class_name)} | {became} | {computed} |"
    if len(changed) > MOST:
        yield f"\n… and {len(changed) - MOST} more"
    yield "\n</details>"
