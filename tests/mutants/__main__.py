"""Mutants of parts of k2to3, and which of them the fast loop notices.

    python -m tests.mutants weights rules/core [--sample N] [--seed S] [--at-import N] [--tests PATH…] [--left]

The fast loop is `pytest -m fast`. Those that are left are written to `tests/mutants/survivors.txt`, each with its
reason from `tests/mutants/reasons.txt`; `--left` tries those again. Exits with 1 when a part is below 85 %.
"""

from __future__ import annotations

import argparse
import ast
import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.mutants.account import KILLED, PACKAGE, Account, among, left_before, line, write
from tests.mutants.operators import Mutant
from tests.mutants.session import Hunt, Verdict, living, measure, mutants_of
from tests.mutants.tables import TableHunt

ROOT = PACKAGE.parents[1]
WANTED = 0.85
Pair = tuple[Path, ast.Module, Mutant]
Judge = Callable[[Path, ast.Module, Mutant], Verdict | None]


class Loop:
    """A plugin: pytest collects, this runs."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.files = {part: sorted((PACKAGE / part).rglob("*.py")) for part in options.parts}
        self.accounts: dict[str, Account] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        start = time.process_time()
        paths = {str(path) for files in self.files.values() for path in files}
        traced = paths | {str(path) for part in self.options.traced for path in (PACKAGE / part).rglob("*.py")}
        coverage = measure(session.items, traced, self.options.kept, self.options.anew)
        say(f"{len(session.items)} tests, {time.process_time() - start:.0f} s traced, {len(coverage.failed)} failed")
        if coverage.failed:
            raise pytest.UsageError("the fast loop must be green: " + ", ".join(coverage.failed[:5]))
        hunt = Hunt(session.items, coverage, living(paths), self.options.most)
        for part, files in self.files.items():
            self.hunted(hunt, part, files)
        return True

    def hunted(self, hunt: Hunt, part: str, files: list[Path]) -> None:
        pairs = [(path, tree, mutant) for path in files for tree, found in [mutants_of(path)] for mutant in found]
        inside = [pair for pair in pairs if pair[2].function]
        outside = [pair for pair in pairs if not pair[2].function]
        self.judge(part, inside, self.options.sample, hunt.judge)
        self.judge(f"{part} at import", outside, self.options.at_import, TableHunt().judge)

    def judge(self, part: str, every: list[Pair], count: int, judge: Judge) -> None:
        """A sample, or with `--left` those that were left the last time."""
        tried, left = 0, list[Verdict]()
        chosen = random.Random(self.options.seed).sample(every, min(count, len(every)))
        if self.options.left:
            tried, before = left_before(part)
            wanted = among([Verdict(path, mutant, "") for path, _, mutant in every], before)
            chosen = [pair for pair, is_wanted in zip(every, wanted, strict=True) if is_wanted]
        for path, tree, mutant in chosen:
            verdict = judge(path, tree, mutant)
            if verdict is None:
                continue
            if verdict.status == "not run":
                # Some functions only run when their module is imported.
                again = TableHunt(plans=False).judge(path, tree, mutant)
                verdict = again if again is not None and again.status in KILLED else verdict
            tried += not self.options.left
            if verdict.status not in KILLED:
                left.append(verdict)
                say(line(verdict))
            self.accounts[part] = Account(len(every), tried, tuple(left))
            if tried % 20 == 0 and not self.options.left:
                say(f"… {part}: {self.accounts[part]}")
        if chosen:
            say(f"{part}: {self.accounts[part]}")
        write(self.accounts, self.options.seed)


def say(text: str) -> None:
    print(text, file=sys.__stderr__, flush=True)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="+", help="folders below converter/k2to3")
    parser.add_argument("--sample", type=int, default=250, help="mutants of functions, a part")
    parser.add_argument("--at-import", type=int, default=20, help="mutants of code that runs at import, a part")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--left", action="store_true", help="only those that were left the last time")
    parser.add_argument("--tests", nargs="*", default=[str(ROOT / "tests")], help="other tests than the fast loop's")
    parser.add_argument("-k", default="", help="only tests of these names, as pytest takes them")
    parser.add_argument("--most", type=int, default=0, help="give a mutant at most so many tests (a lower bound then)")
    parser.add_argument("--kept", type=Path, help="a file that keeps which test runs which line, for later runs")
    parser.add_argument("--traced", nargs="*", default=[], help="with --kept: all parts that such runs are to be about")
    parser.add_argument(
        "--anew", nargs="*", default=[], help="with --kept: tests that changed, by a part of their name"
    )
    options = parser.parse_args(argv)
    loop = Loop(options)
    pytest.main(
        ["-q", "-p", "no:cacheprovider", "--rootdir", str(ROOT), "-m", "fast", "-k", options.k, *options.tests],
        plugins=[loop],
    )
    return 0 if loop.accounts and all(account.share >= WANTED for account in loop.accounts.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
