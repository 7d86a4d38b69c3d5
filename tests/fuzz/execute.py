"""One execution: plan a mutant under limits, and say what came out."""

from __future__ import annotations

import random
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from k2to3.archive.keras_archive import Archive, write_archive
from k2to3.engine.plan import Plan
from k2to3.errors import K2to3Error

from .digest import digest
from .ignored import ignored
from .mutators import Mutant
from .seeds import Seed

SECONDS = 5.0
PATIENCE = 20
WRITTEN = 0.02
"""How many of the accepted mutants of a tree are written as well."""
ALLOWED = ("refused", "same", "changed")


class Hang(BaseException):
    """Out of time; nothing that catches exceptions catches this."""


@dataclass(frozen=True)
class Outcome:
    kind: str
    detail: str = ""
    plan: Plan | None = None

    @property
    def finding(self) -> bool:
        return self.kind not in ALLOWED


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Of processor time of this process, or twenty times as long by the clock: a loaded machine is no hang."""
    begun, left = time.process_time(), PATIENCE

    def stop(*arguments: Any) -> None:
        nonlocal left
        left -= 1
        if left <= 0 or time.process_time() - begun > seconds:
            raise Hang
        signal.setitimer(signal.ITIMER_REAL, seconds)

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def execute(seed: Seed, mutant: Mutant, generator: random.Random, folder: Path) -> Outcome:
    try:
        with time_limit(SECONDS):
            return _execute(seed, mutant, generator, folder)
    except Hang:
        return Outcome("hang", place(sys.exc_info()[2]))


def _execute(seed: Seed, mutant: Mutant, generator: random.Random, folder: Path) -> Outcome:
    try:
        plan = mutant.plan()
        if mutant.tree is not None and generator.random() < WRITTEN:
            write_archive(Archive(plan.config, plan.groups, "3.0.0"), folder / "mutant.out.keras")
        found = digest(plan)
    except K2to3Error as error:
        if error.exit_code == 70:
            return Outcome("traceback", f"InternalError {error}"[:300])
        return Outcome("refused", type(error).__name__)
    except MemoryError as error:
        return Outcome("memory", place(error.__traceback__))
    except Exception as error:
        return Outcome("traceback", f"{type(error).__name__} {str(error)[:120]!r} {place(error.__traceback__)}")
    if found != seed.digest:
        return Outcome("changed", plan=plan)
    key = ignored(seed.tree, mutant.tree, mutant.path)
    return Outcome("same") if key is None else Outcome("ignored", key)


def place(trace: Any) -> str:
    """The last line of ours in a traceback."""
    ours = [frame for frame in traceback.extract_tb(trace) if "k2to3" in frame.filename]
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "?"
