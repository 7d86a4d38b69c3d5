"""The page: one line per case, one column per Keras, and the reasons below."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.conformance.training.row import STATUS, TOLERANCE, Row

START, END = "<!-- table: written by `python -m tests.conformance.training FOLDER --write` -->", "<!-- end -->"
NAMES = {
    "keras_2.2.4": "Keras 2.2.4",
    "keras_2.2.4_theano": "Keras 2.2.4 (Theano)",
    "keras_2.3.1": "Keras 2.3.1",
    "tf_1.15": "tf.keras 1.15",
    "tf_2.4": "tf.keras 2.4",
    "tf_2.10": "tf.keras 2.10",
    "tf_2.13": "tf.keras 2.13",
    "tf_keras_2.21": "tf-keras 2.21",
}


def page(text: str, rows: Sequence[Row], folder: Path) -> str:
    """`text` with what lies between the two marks replaced."""
    before, rest = text.split(START)
    after = rest.split(END)[1]
    return "\n".join([before + START, "", *table(rows, folder), "", *reasons(rows), "", END]) + after


def table(rows: Sequence[Row], folder: Path) -> list[str]:
    authors = [name for name in NAMES if any(row.keras == name for row in rows)]
    missing = {name: _not_authored(folder / name) for name in authors}
    by_case = {(row.case, row.keras): row.status for row in rows}
    cases = sorted({row.case for row in rows}, key=lambda case: case.split("_", 1)[::-1])
    lines = ["| case | " + " | ".join(NAMES[name] for name in authors) + " |", "|---|" + "---|" * len(authors)]
    for case in cases:
        cells = [by_case.get((case, name)) or ("–" if case in missing[name] else "?") for name in authors]
        lines.append(f"| {case} | {' | '.join(cells)} |")
    for status in STATUS:
        counts = [sum(row.keras == name and row.status == status for row in rows) for name in authors]
        if any(counts):
            lines.append(f"| **{status}** | {' | '.join(f'**{count}**' for count in counts)} |")
    return lines


def _not_authored(folder: Path) -> set[str]:
    return set(json.loads((folder / "authored.json").read_text())["not_authored"])


def reasons(rows: Sequence[Row]) -> list[str]:
    """Every reason once, with the cases it holds for and what the control left."""
    grouped: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if row.status not in ("equal", "WRONG"):
            grouped.setdefault((row.status, _reason(row)), []).append(row)
    lines = ["| status | why | cases | apart by | with the cause taken away |", "|---|---|---|---|---|"]
    for (status, reason), found in sorted(grouped.items()):
        names = Counter(row.case for row in found)
        cases = ", ".join(f"{case} ({count})" for case, count in sorted(names.items()))
        apart = max(row.worst for row in found)
        left = max((max(row.control.values()) for row in found if row.control), default=None)
        how = found[0].controlled
        shown = f"{left:.0e} ({how})" if left is not None else "" if status != "reloaded" else _reloaded(found)
        lines.append(f"| {status} | {reason} | {cases} | {apart:.0e} | {shown} |")
    return lines


def _reason(row: Row) -> str:
    if row.status == "reloaded":
        return "the file does not hold all of the optimizer's state"
    first = ["the file holds no number of steps, and Keras 2, too, counts anew once it has loaded it"]
    texts = row.differs or [text for text in row.close if "square root" in text] or row.close
    return re.sub(
        r"^layers [\w, ]+: ", "", "; ".join(dict.fromkeys([*(first if row.reloaded else []), *texts]))
    ).replace("|", "/")


def _reloaded(rows: Sequence[Row]) -> str:
    apart = max(row.forgets for row in rows)
    left = max(max(row.again.values()) for row in rows)
    assert left <= TOLERANCE
    return f"{left:.0e} (Keras 2 after loading, itself {apart:.0e} off)"
