"""The tables of docs/backend_functions.md."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from .corpus import packed
from .sides import EXPLAINED, STATUSES, Verdict

HEAD = """<!-- Written by python -m tests.conformance.backend_functions --write; do not edit. -->

# `keras.backend` by generation

Each case is one Lambda: a function of `K` (or of `tf`, or an operator), a form of its arguments, a rank. The Keras
named here built a model of it, saved it and computed its outputs; `recorded.xz` holds the bytecode, the texts of
the file and the outputs. Both readings are put beside that, element by element (2·10⁻⁵): the specification in NumPy,
and what the conversion computes in Keras 3.

* *told*: once the user says which TensorFlow it was (`--keras-version tf-1.15`), where the file fits several.
* *refused*: no conversion, or no claim. By reason below.

    python -m tests.conformance.backend_functions                        # both sides, on KERAS_BACKEND
    PYTHON tests/conformance/backend_functions/author.py keras OUT.json  # records; or tf.keras
    python -m tests.conformance.backend_functions.pack FOLDER            # what was recorded becomes recorded.xz
"""


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


def refusals(rows: Sequence[Verdict]) -> str:
    """By reason: how many, which functions, which authors."""
    found: dict[str, list[Verdict]] = defaultdict(list)
    for row in rows:
        if row.status == "refused":
            found[_reason(row.detail)].append(row)
    lines = ["| cases | functions | reason | authors |", "|---|---|---|---|"]
    for reason, which in sorted(found.items(), key=lambda item: (-len(item[1]), item[0])):
        functions = ", ".join(f"`{name}`" for name in sorted({row.function for row in which}))
        authors = sorted({row.generation for row in which})
        said = "all" if len(authors) == len(packed()["rows"]) else ", ".join(authors)
        lines.append(f"| {len(which)} | {functions} | {reason} | {said} |")
    return "\n".join(lines)


def _reason(detail: str) -> str:
    text = re.sub(r" on <ipython.*| <ipython.*", "", detail)
    text = re.sub(r"\{<.*", "", text)
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")[:160]


def public() -> str:
    """Public functions of the backends that no case calls: sessions, settings, what no Lambda can use."""
    sources = " ".join(source for source, _ in packed()["cases"].values())
    called = set(re.findall(r"\bK\.(\w+)", sources))
    found: dict[str, list[str]] = defaultdict(list)
    for generation, author in packed()["authors"].items():
        for name in author["public"]:
            if name not in called:
                found[name].append(generation)
    return ", ".join(f"`{name}`" for name in sorted(found) if name.islower())


def recording() -> Iterator[str]:
    yield "| author | Keras | TensorFlow | Python | functions | recorded | cannot in its author's Keras |"
    yield "|---|---|---|---|---|---|---|"
    cases = packed()["cases"]
    for name, author in packed()["authors"].items():
        versions = author["versions"]
        rows, failed = packed()["rows"][name], packed()["failed"][name]
        functions = {re.sub(r"-\d+$", "", row) for row in rows if row in cases}
        yield (
            f"| {name} | {versions['keras'] or ''} | {versions['tensorflow'] or ''} | {versions['python']} | "
            f"{len(functions)} | {len(rows)} | {len(failed)} |"
        )


def page(found: Mapping[str, Sequence[Verdict]], every: int) -> str:
    parts = [HEAD, "\n## Recorded\n\n", "\n".join(recording()), "\n"]
    for side, rows in found.items():
        part = f", every {every}th case" if every > 1 and side == "conversion" else ""
        parts += [f"\n## The {side}{part}\n\n", by_generation(rows), "\n\nRefused:\n\n", refusals(rows), "\n"]
    parts += ["\n## Explained\n\n"]
    parts += [f"* `{part}` ({which}): {why}\n" for (which, part), why in EXPLAINED.items()]
    parts += ["\n## Not called by any case\n\n", public(), "\n"]
    return "".join(parts)
