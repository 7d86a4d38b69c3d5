"""The same work through any `concurrent.futures.Executor`: threads, processes, or those of a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from typing import Any

from k2to3.batch.admission import Waiting
from k2to3.batch.find import Pair
from k2to3.batch.pool import Work
from k2to3.batch.worker import convert_one
from k2to3.errors import WorkerDied
from k2to3.isolation.calls import Fresh
from k2to3.report.record import Report

# For each process of the executor: one that runs, and one that waits.
AHEAD = 2


def convert_alone(pair: Pair, options: dict[str, Any]) -> Report:
    """One conversion, wherever the executor runs it."""
    return convert_one(pair, options, Fresh())


def convert_with(executor: Executor, pairs: Sequence[Pair], work: Work) -> None:
    """Convert `pairs` in an executor, which stays open."""
    waiting = Waiting(pairs, work.budget)
    running: dict[Future[Report], Pair] = {}
    try:
        while running or waiting:
            while waiting and len(running) < AHEAD * work.jobs and not work.halted():
                pair = waiting.next(running.values())
                if pair is None:
                    break
                work.begin(pair)
                running[executor.submit(convert_alone, pair, work.options)] = pair
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                pair = running.pop(future)
                work.done(pair, _report(pair, future))
    finally:
        for future in running:
            future.cancel()


def _report(pair: Pair, future: Future[Report]) -> Report:
    try:
        return future.result()
    except (BrokenExecutor, CancelledError) as error:
        report = Report(source=pair.source_name, target=pair.target_name)
        report.fail(WorkerDied(f"the executor lost the process that converted this file: {error}"))
        return report
