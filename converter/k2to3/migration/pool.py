"""Processes that convert: the death of one costs the file it had, and no more."""

from __future__ import annotations

import contextlib
import math
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any

from k2to3.errors import TimedOut, UsageError, WorkerDied
from k2to3.isolation.command import safe_path
from k2to3.migration.admission import Budget, Waiting
from k2to3.migration.find import Pair
from k2to3.migration.worker import UNGUARDED, serve
from k2to3.report.record import Report

# Seconds that processes have for putting away what they had begun.
PATIENCE = 10.0
HURRY = 2.0
Done = Callable[[Pair, Report], None]


@dataclass(frozen=True)
class Work:
    """What processes are asked to do.

    Attributes:
        jobs: processes at a time.
        options: of every file.
        seconds: for each file; None for no limit.
        begin: hears of a file before it is given out.
        done: gets each file with its report as it ends.
        halted: whether no more files are to be given out.
        budget: memory for all files in work.
    """

    jobs: int
    options: dict[str, Any]
    seconds: float | None
    begin: Callable[[Pair], None]
    done: Done
    halted: Callable[[], bool]
    budget: Budget


@dataclass
class _Worker:
    process: SpawnProcess
    jobs: Connection
    lifeline: Connection
    pair: Pair | None = None
    until: float = math.inf

    def give(self, pair: Pair, work: Work) -> None:
        self.pair = pair
        self.until = math.inf if work.seconds is None else time.monotonic() + work.seconds
        work.begin(pair)
        self._send(pair)

    def dismiss(self) -> None:
        """Let it end: by itself, where it has nothing in work."""
        if self.pair is None:
            self._send(None)
        else:
            self.process.terminate()

    def _send(self, pair: Pair | None) -> None:
        with contextlib.suppress(OSError):
            self.jobs.send(pair)

    def answer(self) -> Report | None:
        """The report of the file it had; None when there is none."""
        try:
            found: Report | None = self.jobs.recv() if self.jobs.poll() else None
        except (EOFError, OSError):
            return None
        return found

    def close(self, deadline: float) -> None:
        self.process.join(max(0.0, deadline - time.monotonic()))
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.jobs.close()
        self.lifeline.close()


def convert_all(pairs: Sequence[Pair], work: Work) -> None:
    """Convert `pairs` in processes. However this is left, the processes are ended.

    Raises:
        UsageError: the script that called us has no `__main__` guard.
    """
    waiting = Waiting(pairs, work.budget)
    workers: list[_Worker] = []
    try:
        while True:
            _give_out(workers, waiting, work)
            if not (busy := [worker for worker in workers if worker.pair is not None]):
                return
            ready = wait([worker.jobs for worker in busy], _patience(busy))
            for worker in busy:
                if worker.jobs in ready or time.monotonic() >= worker.until:
                    _take(worker, workers, work)
    finally:
        _end(workers, work.done)


def _give_out(workers: list[_Worker], waiting: Waiting, work: Work) -> None:
    """Give files to those that have none, and to as many more as there may be."""
    while waiting and not work.halted():
        idle = next((worker for worker in workers if worker.pair is None), None)
        if idle is None and len(workers) >= max(1, work.jobs):
            return
        pair = waiting.next(worker.pair for worker in workers if worker.pair is not None)
        if pair is None:
            return
        if idle is None:
            workers.append(idle := _started(work.options))
        idle.give(pair, work)


def _patience(busy: list[_Worker]) -> float | None:
    until = min(worker.until for worker in busy)
    return None if until == math.inf else max(0.0, until - time.monotonic())


def _take(worker: _Worker, workers: list[_Worker], work: Work) -> None:
    """Take the answer of one that has it, has died or was too slow."""
    pair, report = worker.pair, worker.answer()
    assert pair is not None
    if report is None:
        report = _lost(worker, pair, work)
        workers.remove(worker)
    worker.pair = None
    # Noted before anything else can go wrong.
    work.done(pair, report)


def _lost(worker: _Worker, pair: Pair, work: Work) -> Report:
    """End a process that has no answer, and say why."""
    report = Report(source=pair.source_name, target=pair.target_name)
    if time.monotonic() >= worker.until and worker.process.is_alive():
        worker.process.terminate()
        worker.close(time.monotonic() + HURRY)
        report.fail(TimedOut(f"it took longer than {work.seconds:g} seconds", hint="--timeout gives it longer"))
        return report
    worker.close(time.monotonic() + PATIENCE)
    if worker.process.exitcode == UNGUARDED:
        raise UsageError("the script that calls k2to3.batch runs anew in each of its processes", hint=guard_hint())
    report.fail(WorkerDied(f"the process that converted this file {_cause(worker.process.exitcode)}"))
    return report


def guard_hint() -> str:
    """The way out for a script that its own processes run anew."""
    return "let the script begin below `if __name__ == '__main__':`, or give batch an executor of threads"


def _end(workers: list[_Worker], done: Done) -> None:
    """End the processes; what was finished meanwhile is not forgotten."""
    deadline = time.monotonic() + PATIENCE
    for worker in workers:
        worker.dismiss()
    for worker in workers:
        worker.process.join(max(0.0, deadline - time.monotonic()))
        report = None if worker.pair is None else worker.answer()
        worker.close(deadline)
        if worker.pair is not None and report is not None:
            done(worker.pair, report)


def _started(options: dict[str, Any]) -> _Worker:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    watched, held = context.Pipe(duplex=False)
    process = context.Process(target=serve, args=(theirs, watched, options), daemon=True)
    with without_interrupts(), safe_path():
        process.start()
    theirs.close()
    watched.close()
    return _Worker(process, ours, held)


@contextmanager
def without_interrupts() -> Iterator[None]:
    """Ctrl-C reaches every process of the terminal: the new one leaves it to us, from its first instruction on."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _cause(code: int | None) -> str:
    number = -code if code is not None and code < 0 else (code or 0) - 128
    if number <= 0:
        return f"ended with exit code {code}"
    return f"was ended by {signal.Signals(number).name if number in set(signal.Signals) else f'signal {number}'}"
