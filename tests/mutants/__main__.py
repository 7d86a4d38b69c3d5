"""Mutants of parts of k2to3, and which of them the fast loop notices.

    python -m tests.mutants weights rules/core [--sample N] [--seed S] [--at-import N] [--tests PATH…]

The fast loop is `pytest -m fast`. Survivors are written to `tests/mutants/survivors.txt`, with the reason from
`tests/mutants/equivalent.txt` for those that change nothing. Exits with 1 when a part is below 85 %.
"""

from __future__ import annotations

import argparse
import ast
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.mutants.operators import Mutant
from tests.mutants.session import Hunt, Verdict, living, measure, mutants_of
from tests.mutants.tables import TableHunt

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PACKAGE = ROOT / "converter" / "k2to3"
WANTED = 0.85
KILLED = ("killed", "timeout")
REASONS = HERE / "equivalent.txt"
SURVIVORS = HERE / "survivors.txt"
Pair = tuple[Path, ast.Module, Mutant]
Judge = Callable[[Path, ast.Module, Mutant], Verdict | None]


class Loop:
    """A plugin: pytest collects, this runs."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.files = {part: sorted((PACKAGE / part).rglob("*.py")) for part in options.parts}
        self.sample, self.tables, self.seed = options.sample, options.at_import, options.seed
        self.tests = 0
        self.verdicts: dict[str, list[Verdict]] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        start = time.process_time()
        paths = {str(path) for files in self.files.values() for path in files}
        traced = paths | {str(path) for part in self.options.traced for path in (PACKAGE / part).rglob("*.py")}
        coverage = measure(session.items, traced, self.options.kept, self.options.anew)
        say(f"{len(session.items)} tests, {time.process_time() - start:.0f} s traced, {len(coverage.failed)} failed")
        if coverage.failed:
            raise pytest.UsageError("the fast loop must be green: " + ", ".join(coverage.failed[:5]))
        slowest = sorted(zip(coverage.seconds, session.items, strict=True), key=lambda pair: -pair[0])[:12]
        say("\n".join(f"  {seconds:.1f} s {item.nodeid}" for seconds, item in slowest))
        self.tests = len(session.items)
        hunt = Hunt(session.items, coverage, living(paths), self.options.most)
        for part, files in self.files.items():
            self.hunted(hunt, part, files)
        return True

    def hunted(self, hunt: Hunt, part: str, files: list[Path]) -> None:
        pairs = [(path, tree, mutant) for path in files for tree, found in [mutants_of(path)] for mutant in found]
        inside = [pair for pair in pairs if pair[2].function]
        outside = [pair for pair in pairs if not pair[2].function]
        self.judge(part, inside, self.sample, hunt.judge)
        self.judge(f"{part} at import", outside, self.tables, TableHunt().judge)

    def judge(self, part: str, every: list[Pair], count: int, judge: Judge) -> None:
        chosen = random.Random(self.seed).sample(every, min(count, len(every)))
        found = self.verdicts.setdefault(part, []) if chosen else []
        for path, tree, mutant in chosen:
            verdict = judge(path, tree, mutant)
            if verdict is not None:
                found.append(verdict)
                if len(found) % 20 == 0:
                    say(f"… {part}: {summary(found)}")
                if verdict.status not in KILLED:
                    say(line(verdict))
        if chosen:
            say(f"{part}: {summary(found)} of {len(every)}")


def say(text: str) -> None:
    print(text, file=sys.__stderr__, flush=True)


def key(verdict: Verdict) -> str:
    mutant = verdict.mutant
    return f"{verdict.path.relative_to(PACKAGE)} {mutant.function}: {mutant.text}"


def line(verdict: Verdict) -> str:
    mutant = verdict.mutant
    place = f"{verdict.path.relative_to(PACKAGE)}:{mutant.lines[0]} {mutant.function}"
    return f"{verdict.status:9}{place}: {mutant.text}  [{verdict.by}]"


def summary(verdicts: list[Verdict]) -> str:
    counts = Counter(verdict.status for verdict in verdicts)
    text = ", ".join(f"{count} {status}" for status, count in counts.most_common())
    return f"{share(verdicts):.1%} killed ({text}), sample {len(verdicts)}"


def reasons() -> dict[str, str]:
    """Why mutants change nothing, by key: a key and the line below it, indented."""
    found: dict[str, str] = {}
    last = ""
    for text in REASONS.read_text(encoding="utf-8").splitlines():
        if text.startswith("  "):
            found[last] = text.strip()
        elif text and not text.startswith("#"):
            last = text
    return found


def report(verdicts: dict[str, list[Verdict]], seed: int, tests: int, equivalent: dict[str, str]) -> str:
    """The shares and who survived, and what the file says of other parts."""
    blocks = {part: _block(found, seed, tests, equivalent) for part, found in verdicts.items()}
    before = SURVIVORS.read_text(encoding="utf-8").split("# ")[1:] if SURVIVORS.exists() else []
    known = {part: text.strip() for part, text in (block.split(": ", 1) for block in before)}
    return "\n\n".join(f"# {part}: {text}" for part, text in sorted({**known, **blocks}.items())) + "\n"


def _block(found: list[Verdict], seed: int, tests: int, equivalent: dict[str, str]) -> str:
    lines = [f"{summary(found)}, seed {seed}, by {tests} tests"]
    for verdict in found:
        if verdict.status not in KILLED:
            lines.append(line(verdict))
            lines += [f"    {equivalent[key(verdict)]}"] if key(verdict) in equivalent else []
    return "\n".join(lines)


def share(verdicts: list[Verdict]) -> float:
    return sum(verdict.status in KILLED for verdict in verdicts) / max(1, len(verdicts))


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="+", help="folders below converter/k2to3")
    parser.add_argument("--sample", type=int, default=200, help="mutants of functions, a part")
    parser.add_argument("--at-import", type=int, default=20, help="mutants of code that runs at import, a part")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tests", nargs="*", default=[str(ROOT / "tests")], help="other tests than the fast loop's")
    parser.add_argument("-k", default="", help="only tests of these names, as pytest takes them")
    parser.add_argument("--most", type=int, default=0, help="give a mutant at most so many tests (a lower bound then)")
    parser.add_argument("--kept", type=Path, help="a file that keeps which test runs which line, for later runs")
    parser.add_argument("--traced", nargs="*", default=[], help="with --kept: all parts that such runs are to be about")
    parser.add_argument("--anew", nargs="*", default=[], help="with --kept: tests that changed, by a part of their name")
    options = parser.parse_args(argv)
    known = reasons()
    loop = Loop(options)
    pytest.main(
        ["-q", "-p", "no:cacheprovider", "--rootdir", str(ROOT), "-m", "fast", "-k", options.k, *options.tests],
        plugins=[loop],
    )
    SURVIVORS.write_text(report(loop.verdicts, options.seed, loop.tests, known), encoding="utf-8")
    return 0 if loop.verdicts and all(share(found) >= WANTED for found in loop.verdicts.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
