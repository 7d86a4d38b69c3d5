"""Processes that convert: the death of one costs the file it had, and no more."""

from __future__ import annotations

import contextlib
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

from k2to3.batch.find import Pair
from k2to3.batch.worker import serve
from k2to3.errors import WorkerDied
from k2to3.isolation.command import safe_path
from k2to3.report.record import Report

# Seconds that processes have for putting away what they had begun.
PATIENCE = 10.0
Done = Callable[[Pair, Report], None]


@dataclass
class _Worker:
    process: SpawnProcess
    jobs: Connection
    lifeline: Connection
    pair: Pair | None = None

    def give(self, pair: Pair | None) -> None:
        self.pair = pair
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


def convert_all(pairs: Sequence[Pair], jobs: int, options: dict[str, Any], done: Done) -> None:
    """Convert `pairs` in `jobs` processes; `done` gets each with its report as it ends.

    However this is left, the processes are ended.
    """
    waiting = list(reversed(pairs))
    workers: list[_Worker] = []
    try:
        while waiting and len(workers) < max(1, jobs):
            workers.append(_started(options))
            workers[-1].give(waiting.pop())
        while busy := [worker for worker in workers if worker.pair is not None]:
            ready = wait([worker.jobs for worker in busy])
            for worker in (worker for worker in busy if worker.jobs in ready):
                _next(worker, workers, waiting, options, done)
    finally:
        _end(workers, done)


def _next(worker: _Worker, workers: list[_Worker], waiting: list[Pair], options: dict[str, Any], done: Done) -> None:
    """Take the answer of one that has it, or has died, and give the next file out."""
    pair, report = worker.pair, worker.answer()
    assert pair is not None
    if report is None:
        worker.close(time.monotonic() + PATIENCE)
        report = _died(pair, worker.process.exitcode)
        workers.remove(worker)
        if waiting:
            worker = _started(options)
            workers.append(worker)
    worker.give(waiting.pop() if waiting else None)
    done(pair, report)


def _end(workers: list[_Worker], done: Done) -> None:
    """End the processes; what was finished meanwhile is not forgotten."""
    deadline = time.monotonic() + PATIENCE
    for worker in workers:
        if worker.pair is not None:
            worker.process.terminate()
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
    with _without_interrupts(), safe_path():
        process.start()
    theirs.close()
    watched.close()
    return _Worker(process, ours, held)


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Ctrl-C reaches every process of the terminal: the new one leaves it to us, from its first instruction on."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _died(pair: Pair, code: int | None) -> Report:
    report = Report(source=str(pair.source), target=str(pair.target))
    report.fail(WorkerDied(f"the process that converted this file {_cause(code)}"))
    return report


def _cause(code: int | None) -> str:
    number = -code if code is not None and code < 0 else (code or 0) - 128
    if number <= 0:
        return f"ended with exit code {code}"
    return f"was ended by {signal.Signals(number).name if number in set(signal.Signals) else f'signal {number}'}"
