"""`keras.backend` by generation, as recorded in genuine Kerases.

    python -m tests.conformance.backend_functions [--sides specification conversion] [--generations keras2.2.4 …]
        [--filter TEXT] [--every N] [--show] [--write]

Prints one line for each case that is not equal (`--show`: refusals too) and the table by generation. The conversion
runs on the backend that KERAS_BACKEND names. `--write` rewrites docs/backend_functions.md. Exits 1 if a case differs
or fails.
"""

from __future__ import annotations

import argparse
import itertools
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from . import table
from .corpus import Case, generations, recorded
from .sides import Conversion, Verdict, specified

PAGE = Path(__file__).resolve().parents[3] / "docs" / "backend_functions.md"
SIDES = ("specification", "conversion")


def judge(side: str, folder: Path) -> Callable[[Case], Verdict]:
    return Conversion(folder) if side == "conversion" else specified


def verdicts(side: str, which: list[str], wanted: str, every: int, folder: Path) -> Iterator[Verdict]:
    judged = judge(side, folder)
    for generation in which:
        chosen = (case for case in recorded(generation) if re.search(wanted, case.name))
        yield from map(judged, itertools.islice(chosen, 0, None, every))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sides", nargs="*", default=SIDES, choices=SIDES)
    parser.add_argument("--generations", nargs="*", default=generations())
    parser.add_argument("--filter", default="")
    parser.add_argument("--every", type=int, default=1, help="of the conversion, only every so many cases")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    found: dict[str, list[Verdict]] = {}
    for side in options.sides:
        with tempfile.TemporaryDirectory() as folder:
            every = options.every if side == "conversion" else 1
            rows = found[side] = list(verdicts(side, options.generations, options.filter, every, Path(folder)))
        for row in rows:
            if row.status in ("differs", "fails") or (options.show and row.status != "equal"):
                print(f"{side} {row.generation} {row.name}: {row.source}\n    {row.status}: {row.detail}")
        print(f"\n{side}\n{table.by_generation(rows)}\n")
    if options.write:
        PAGE.write_text(table.page(found, options.every))
    return int(any(row.status in ("differs", "fails") for rows in found.values() for row in rows))


if __name__ == "__main__":
    sys.exit(main())
