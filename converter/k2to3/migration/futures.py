"""The same work through any `concurrent.futures.Executor`: threads, processes, or those of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from typing import Any

from k2to3.errors import UsageError, WorkerDied
from k2to3.isolation.calls import Fresh
from k2to3.migration.admission import Waiting
from k2to3.migration.find import Pair
from k2to3.migration.pool import Work, guard_hint
from k2to3.migration.worker import convert_one
from k2to3.report.record import Report

# For each process of the executor: one that runs, and one that waits.
AHEAD = 2
Job = Callable[[Pair, dict[str, Any]], Report]


def convert_alone(pair: Pair, options: dict[str, Any]) -> Report:
    """One conversion, wherever the executor runs it."""
    return convert_one(pair, options, Fresh())


def convert_with(
    executor: Executor,
    pairs: Sequence[Pair],
    work: Work,
    job: Job | None = None,
    room: Callable[[], int] | None = None,
) -> None:
    """Convert `pairs` in an executor, which stays open; `room` says how many it is given at a time.

    Raises:
        UsageError: its processes end before any file did.
    """
    waiting = Waiting(pairs, work.budget)
    running: dict[Future[Report], Pair] = {}
    answered = False
    try:
        while running or waiting:
            most = AHEAD * work.jobs if room is None else room()
            while waiting and len(running) < most and not work.halted():
                pair = waiting.next(running.values())
                if pair is None:
                    break
                work.begin(pair)
                running[_submitted(executor, job or convert_alone, pair, work)] = pair
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                if not answered and isinstance(_error(future), BrokenExecutor):
                    raise UsageError(f"the executor broke before any file ended: {_error(future)}", hint=guard_hint())
                answered, pair = True, running.pop(future)
                work.done(pair, _report(pair, future))
    finally:
        for future in running:
            future.cancel()


def _submitted(executor: Executor, job: Job, pair: Pair, work: Work) -> Future[Report]:
    """A broken executor takes nothing more: then the future says so, as those of the files do that it had."""
    try:
        return executor.submit(job, pair, work.options)
    except BrokenExecutor as error:
        found: Future[Report] = Future()
        found.set_exception(error)
        return found


def _error(future: Future[Report]) -> BaseException | None:
    try:
        return future.exception()
    except CancelledError as error:
        return error


def _report(pair: Pair, future: Future[Report]) -> Report:
    """What the conversion said. It raises nothing; whatever is raised is the executor's own way to say what it lost."""
    error = _error(future)
    if error is None:
        return future.result()
    if not isinstance(error, (Exception, CancelledError)):
        raise error
    report = Report(source=pair.source_name, target=pair.target_name)
    report.fail(WorkerDied(f"the executor lost this file: {type(error).__name__}: {error}"))
    return report
