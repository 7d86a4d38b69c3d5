"""Kill rates by kind, into docs/proof.md: each run has a block of its own there, and the others stay as they are."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- teeth {}: begin -->", "<!-- teeth {}: end -->"
Json = dict[str, Any]
WHAT = {
    "archives": "Faults in archives, by what was changed",
    "rules": "Misconceptions in rules, functions, bytecode and matching, by the part that holds them",
    "misconceptions": "Misconceptions that were written down (`misconceptions.txt`), by what was believed",
    "honest": "Honest conversions",
}
ENOUGH = 5
"""Files of a kind."""
FEW = "few"
"""A kind that touches too few files to be planted, or changes no output."""
ARGUED = Path(__file__).with_name("argued.txt")


def write_table(results: Path, document: Path) -> None:
    """Replace what stands between the marks of each run that there are results of.

    Raises:
        ValueError: the document has no marks for it.
    """
    text = document.read_text(encoding="utf-8")
    for path in sorted(results.glob("*.jsonl")):
        begin, end = BEGIN.format(path.stem), END.format(path.stem)
        start, stop = text.index(begin) + len(begin), text.index(end)
        text = f"{text[:start]}\n{block(path)}\n{text[stop:]}"
    document.write_text(text, encoding="utf-8")


def block(path: Path) -> str:
    every: list[Json] = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in every if row["status"] != FEW]
    what, _, judge = path.stem.partition("-")
    title = f"{WHAT[what]} (judge: {judge or 'specification'}; {len(rows)} proofs of {len(files(rows))} files)."
    return "\n".join([title, "", *(honest(rows) if what == "honest" else [*enough(what, rows), *faults(what, rows)])])


def enough(what: str, rows: list[Json]) -> list[str]:
    """How many kinds change what enough files compute."""
    if what != "misconceptions":
        return []
    counts = Counter(row["kind"] for row in rows if counted(row))
    many = sum(count >= ENOUGH for count in counts.values())
    return [f"{len(counts)} kinds change what files compute, {many} of them {ENOUGH} files and more.", ""]


def files(rows: list[Json]) -> set[str]:
    return {row["file"] for row in rows}


def honest(rows: list[Json]) -> list[str]:
    counts = Counter(row["status"] for row in rows)
    false = [f"* {row['file']}: {row['text'][:160]}" for row in rows if row["status"] == "found"]
    return [f"{counts['found']} false alarms; {counts['proved']} proved, {counts['open']} with an open claim.", *false]


def faults(what: str, rows: list[Json]) -> list[str]:
    groups: dict[str, list[Json]] = defaultdict(list)
    for row in rows:
        groups[row["family"] if what == "rules" else f"{row['family']}: {row['kind']}"].append(row)
    lines = ["| fault | kinds | planted | found | survived | not proved | named |", "|---|---|---|---|---|---|---|"]
    lines += [line(name, found) for name, found in sorted(groups.items()) if any(map(counted, found))]
    lines.append(line("**all**", rows))
    left = [row for row in rows if row["status"] in ("survived", "unknown")]
    known = argued()
    return [*lines, "", *without(rows), "", *(f"* {row['kind']} ({row['file']}): {why(row, known)}" for row in left)]


def counted(row: Json) -> bool:
    """Whether the fault changes what the model computes, and was judged."""
    return row["status"] in ("found", "survived", "unknown", "open")


def without(rows: list[Json]) -> list[str]:
    """What is not in the table."""
    counts = Counter(row["status"] for row in rows)
    return [f"Not counted: {counts['equivalent']} that change no output, {counts['broke']} whose proof broke off."]


def line(name: str, rows: list[Json]) -> str:
    """Faults that change nothing are not counted; `named` is of those that the outputs told."""
    real = [row for row in rows if counted(row)]
    counts = Counter(row["status"] for row in real)
    judged = counts["found"] + counts["survived"] + counts["unknown"]
    told = [row for row in real if row["named"]]
    share = f"{counts['found']} ({100 * counts['found'] / judged:.1f} %)" if judged else "–"
    named = f"{sum(row['right'] for row in told)} of {len(told)}" if told else "–"
    survived = counts["survived"] + counts["unknown"]
    kinds = len({row["kind"] for row in real})
    return f"| {name} | {kinds} | {len(real)} | {share} | {survived} | {counts['open']} | {named} |"


def argued() -> dict[str, str]:
    """Why a survivor is none, by kind: a line, and the reason below it, indented."""
    found: dict[str, str] = {}
    last = ""
    for text in ARGUED.read_text(encoding="utf-8").splitlines() if ARGUED.exists() else ():
        if text.startswith("  "):
            found[last] = text.strip()
        elif text and not text.startswith("#"):
            last = text
    return found


def why(row: Json, known: dict[str, str]) -> str:
    return known.get(row["kind"], "not argued yet")
