"""See the package."""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
RESULTS = HERE / "results"
SMALL = 150_000
sys.path[:0] = [str(ROOT), str(ROOT / "converter"), str(ROOT / "tests" / "proof")]
Json = dict[str, Any]


def files(folders: list[Path], seed: int) -> list[Path]:
    """Small ones: a proof of these takes a second."""
    every = sorted(path for folder in folders for path in folder.glob("*.h5"))
    found = [path for path in every if path.stat().st_size <= SMALL]
    random.Random(seed).shuffle(found)
    return found


class Log:
    """Results of a run, a line each; what is there already is not done again."""

    def __init__(self, what: str) -> None:
        RESULTS.mkdir(exist_ok=True)
        self.path = RESULTS / f"{what}.jsonl"
        lines = self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []
        self.rows: list[Json] = [json.loads(line) for line in lines]
        self.done = {(row["kind"], row["file"]) for row in self.rows}

    def add(self, **row: Any) -> None:
        self.rows.append(row)
        self.done.add((row["kind"], row["file"]))
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        said = f"{row['status']:12}{row['kind'][:70]}  {row['file']}  {row.get('text', '')[:150]}"
        print(said, flush=True)


def until(minutes: float) -> Iterator[int]:
    end = time.monotonic() + 60 * minutes
    while time.monotonic() < end:
        yield 1


def main() -> int:
    parser = argparse.ArgumentParser(description="See tests/conformance/teeth/__init__.py")
    parser.add_argument("what", choices=("archives", "rules", "misconceptions", "honest", "table"))
    parser.add_argument("folders", nargs="*", type=Path, default=[ROOT / "fixtures"])
    parser.add_argument("--sample", type=int, default=10_000, help="kinds at most")
    parser.add_argument("--files", type=int, default=10_000, help="files at most")
    parser.add_argument("--per-kind", type=int, default=5, help="files for each kind at most")
    parser.add_argument("--only", default="", help="misconceptions whose name holds this")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=600)
    parser.add_argument("--judge", default="specification", choices=("specification", "tf-keras", "both"))
    options = parser.parse_args()
    if options.what == "table":
        from tests.conformance.teeth.table import write_table

        write_table(RESULTS, ROOT / "docs" / "proof.md")
        return 0
    from tests.conformance.teeth import believed, rule_faults, run, warm
    from tests.conformance.teeth.misconceptions import listed

    rule_faults.remember()
    warm.ready()
    name = options.what if options.judge == "specification" else f"{options.what}-{options.judge}"
    with tempfile.TemporaryDirectory() as folder:
        harness = run.Harness(Path(folder), Log(name), options.judge, options.per_kind)
        found = files(options.folders, options.seed)[: options.files]
        clock = until(options.minutes)
        if options.what == "misconceptions":
            every = [belief for belief in listed() if options.only in belief.name]
            wanted = random.Random(options.seed).sample(every, len(every))
            believed.misconceptions(harness, wanted, found, clock)
            return 0
        {"archives": harness.archives, "rules": harness.rules, "honest": harness.honest}[options.what](
            found, options.sample, options.seed, clock
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
