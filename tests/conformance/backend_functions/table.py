"""The tables of docs/backend_functions.md."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from .sides import STATUSES, Verdict

HEAD = "<!-- Written by python -m tests.conformance.backend_functions --write; do not edit. -->\n"


def by_generation(rows: Sequence[Verdict]) -> str:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        counts[row.generation][row.status] += 1
    lines = ["| author | cases | " + " | ".join(STATUSES) + " |", "|---" * (len(STATUSES) + 2) + "|"]
    for name, found in counts.items():
        lines.append(f"| {name} | {found.total()} | " + " | ".join(str(found[s]) for s in STATUSES) + " |")
    total = Counter(row.status for row in rows)
    lines.append(f"| all | {total.total()} | " + " | ".join(str(total[s]) for s in STATUSES) + " |")
    return "\n".join(lines)


def page(found: Mapping[str, Sequence[Verdict]]) -> str:
    return HEAD + "".join(f"\n## {side}\n\n{by_generation(rows)}\n" for side, rows in found.items())
