"""What is asked of an isolated worker, and who answers: a fresh process for each call, unless a warm one stands by."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from k2to3.dataclass import dataclass
from k2to3.isolation.launch import started


@dataclass(frozen=True)
class Call:
    """One job for a worker.

    Attributes:
        module: what runs, as `python -m` would.
        warm: the module whose forks do the same where processes may stand by.
        environment: variables besides the inherited ones.
        untrusted: folders that are never imported from.
        text: what it reads on standard input.
        fds: open files that the text names by their numbers.
        seconds: how long it may take.
    """

    module: str
    warm: str | None
    environment: Mapping[str, str]
    untrusted: tuple[Path, ...]
    text: str
    fds: tuple[int, ...]
    seconds: int


@dataclass(frozen=True)
class Ending:
    """How a worker ended: what it printed, and its exit code (below zero: the signal); None where time ran out."""

    out: str
    problems: str
    status: int | None


class Workers(Protocol):
    """Who runs isolated workers."""

    def ask(self, call: Call) -> Ending: ...


@dataclass(frozen=True)
class Fresh:
    """A clean interpreter for every call."""

    def ask(self, call: Call) -> Ending:
        with started(
            call.module,
            environment=call.environment,
            untrusted=call.untrusted,
            fds=call.fds,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            try:
                out, problems = process.communicate(call.text, timeout=call.seconds)
            except subprocess.TimeoutExpired:
                return Ending("", "", None)
            return Ending(out, problems, process.returncode)
