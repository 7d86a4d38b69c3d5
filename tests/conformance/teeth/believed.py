"""Misconceptions (`misconceptions.txt`), each planted for files that run its lines, and proved as `convert` proves."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

from k2to3.engine.plan import make_plan
from k2to3.errors import K2to3Error

from tests.conformance.teeth import rule_faults
from tests.conformance.teeth.misconceptions import Misconception, planted
from tests.conformance.teeth.run import Harness, changed, owners
from tests.conformance.teeth.table import counted
from tests.conformance.teeth.warm import Late, case, deadline

TRIED, HOPELESS, IDLE = 60, 15, 4
"""Files that a misconception is tried on; untouched ones before it is given up; those that change no output."""
Users = dict[rule_faults.Line, list[Path]]


def misconceptions(harness: Harness, beliefs: Sequence[Misconception], files: list[Path], clock: Iterator[int]) -> None:
    """Each until enough files were touched; the results of earlier runs count."""
    users = used_by(files, {line for belief in beliefs for line in belief.lines()})
    for belief in beliefs:
        found = {path for line in belief.lines() for path in users.get(line, ())}
        if not believe(harness, belief, spread(found), clock):
            return


def used_by(files: list[Path], wanted: set[rule_faults.Line]) -> Users:
    """Which files' conversions run a line."""
    found: Users = defaultdict(list)
    for path in files:
        try:
            for line in rule_faults.used(lambda path=path: _plan(path), wanted):
                found[line].append(path)
        except K2to3Error:
            continue
    return found


def _plan(path: Path) -> None:
    with case(path):
        pass


def spread(paths: set[Path]) -> list[Path]:
    """By chance, but each architecture (`keras-2.2.4__gru` is one of `gru`) once before any a second time."""
    chance = random.Random(0)
    by_name: dict[str, list[Path]] = defaultdict(list)
    for path in chance.sample(sorted(paths), len(paths)):
        by_name[path.stem.partition("__")[2] or path.stem].append(path)
    groups = chance.sample(sorted(by_name.values()), len(by_name))
    return [path for turn in zip_longest(*groups) for path in turn if path is not None]


def believe(harness: Harness, belief: Misconception, paths: list[Path], clock: Iterator[int]) -> bool:
    """False when time is up."""
    rows = [row for row in harness.log.rows if row["kind"] == belief.name]
    have = Counter(row["status"] for row in rows)
    left = harness.per_kind - sum(map(counted, rows))
    idle = have["equivalent"]
    misses = 0
    for path in paths[:TRIED]:
        if left <= 0 or idle >= IDLE or misses >= HOPELESS:
            break
        if (belief.name, path.stem) in harness.log.done:
            continue
        if next(clock, 0) == 0:
            return False
        status = _tried(harness, belief, path)
        left -= status not in ("", "equivalent", "broke")
        idle = 0 if status not in ("", "equivalent") else idle + (status == "equivalent")
        misses = misses + 1 if not status else 0
    return True


def _tried(harness: Harness, belief: Misconception, path: Path) -> str:
    """What was found; nothing where the archive is the same, or there is none."""
    try:
        with deadline(60), case(path) as here:
            here.write(harness.good)
            with planted(belief) as taken:
                assert taken, f"{belief.name}: nothing took it"
                wrong = replace(here, plan=make_plan(here.checkpoint, compile=False))
                wrong.write(harness.bad)
                # Their variables may be folded into Constants, which the plan does not tell.
                guilty = changed(harness.good, harness.bad)
                if not guilty:
                    return ""
                found = harness.proved(wrong, harness.bad, "outputs")
            owned = {name for each in guilty for name in owners(here.plan, each)}
            harness.add(belief.name, belief.family, here, found, owned)
    except AssertionError:
        raise
    except (Exception, Late):
        return ""
    return str(harness.log.rows[-1]["status"])
