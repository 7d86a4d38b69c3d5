"""The long run: python -m tests.fuzz --executions N --seed S --jobs J"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from .lambdas import write_lambdas
from .run import Job, Result, run, share
from .seeds import FIXTURES, files


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--executions", type=int, default=300_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seeds", type=Path, action="append", help="folder of checkpoints to start from")
    parser.add_argument("--out", type=Path, help="folder for findings and accepted mutants")
    parser.add_argument("--accepted", type=int, default=0, help="accepted mutants to keep for tests.fuzz.judge")
    parser.add_argument("--blind", action="store_true", help="without the guidance by coverage")
    given = parser.parse_args()
    out = given.out or Path(tempfile.mkdtemp(prefix="k2to3.fuzz."))
    lambdas = write_lambdas(out / "lambdas")
    paths = (*(path for folder in given.seeds or [FIXTURES] for path in files(folder)), *lambdas)
    jobs = [
        Job(paths, given.seed, first, number, out, given.accepted // given.jobs, not given.blind)
        for first, number in share(given.executions, given.jobs)
    ]
    with ProcessPoolExecutor(given.jobs) as pool:
        results = list(pool.map(run, jobs))
    found = merged(results)
    print(table(found, len(paths)))
    (out / "findings.json").write_text(json.dumps(found.findings, indent=1), encoding="utf-8")
    print(f"{len(found.findings)} findings; reproducers in {out}/findings.json")
    return 1 if found.findings else 0


def merged(results: list[Result]) -> Result:
    total = Result()
    for result in results:
        total.counts += result.counts
        total.seconds = max(total.seconds, result.seconds)
        total.lines = max(total.lines, result.lines)
        for name, records in result.findings.items():
            total.findings.setdefault(name, []).extend(records)
    return total


def table(result: Result, seeds: int) -> str:
    """Executions by mutator and outcome, then each finding with its smallest reproducer."""
    runs = Counter({key: number for key, number in result.counts.items() if key[0]})
    outcomes = sorted({outcome.split(":")[0] for _, outcome in runs})
    lines = ["mutator".ljust(12) + "".join(name.rjust(11) for name in (*outcomes, "all"))]
    for mutator in sorted({name for name, _ in runs}):
        row = [sum(n for (m, o), n in runs.items() if m == mutator and o.split(":")[0] == name) for name in outcomes]
        lines.append(mutator.ljust(12) + "".join(str(n).rjust(11) for n in (*row, sum(row))))
    total = runs.total()
    rate = total / result.seconds if result.seconds else 0
    lines.append(f"{total} executions of {seeds} seeds in {result.seconds:.0f} s: {rate:.0f}/s; {result.lines} lines")
    for name, records in sorted(result.findings.items(), key=lambda item: -result.counts["", item[0]]):
        first = min(records, key=lambda record: len(json.dumps(record)))
        lines.append(f"{result.counts['', name]:6d} {name}\n       {first['seed']} {first.get('reproducer', '')}")
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
