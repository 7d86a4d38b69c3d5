"""The same work on a cluster of Dask, through the interface of `concurrent.futures`."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from secrets import token_hex
from typing import Any

from k2to3.batch.futures import AHEAD, Job
from k2to3.batch.pool import guard_hint, without_interrupts
from k2to3.errors import FileError, UsageError
from k2to3.installed import check_installed
from k2to3.isolation.command import safe_path

LOCAL = "local"
CONNECTING = 30
"""Seconds."""
RETRIES = 3
"""How often Dask gives out a file again that could not even be begun; what fails by itself has a report, and is not."""
LEAST = 16
"""Processes that are reckoned with at least, so that a cluster that grows with its work has a reason to."""


@dataclass(frozen=True)
class Cluster:
    """Where files are given out, what does one there, and how many are wanted there at a time."""

    executor: Executor
    job: Job
    client: Any
    jobs: int | None

    def room(self) -> int:
        """Asked each time: an adaptive cluster grows and shrinks."""
        return AHEAD * (self.jobs or max(LEAST, sum(self.client.ncores().values())))


@contextmanager
def cluster(address: str, jobs: int | None) -> Iterator[Cluster]:
    """The cluster whose scheduler has this address; `local` begins one of processes on this machine.

    Raises:
        UsageError: Dask is not installed, or the calling script has no `__main__` guard.
        FileError: there is no scheduler.
    """
    check_installed("distributed", "dask", "--cluster")
    from distributed import Client

    from k2to3.batch.dask_worker import Standing, convert_standing

    with ExitStack() as stack:
        scheduler = stack.enter_context(_local(jobs)) if address == LOCAL else address
        try:
            client = stack.enter_context(Client(scheduler, timeout=CONNECTING))
        except (OSError, TimeoutError, ValueError) as error:
            text = f"--cluster {address}: no scheduler answers: {error}"
            raise FileError(text, hint="tcp://HOST:8786, or local for processes of this machine") from error
        plugin = f"k2to3-{token_hex(8)}"
        client.register_plugin(Standing(), name=plugin)
        stack.callback(client.unregister_worker_plugin, plugin)
        executor = client.get_executor(pure=False, retries=RETRIES)
        yield Cluster(executor, partial(convert_standing, plugin=plugin), client, jobs)


@contextmanager
def _local(jobs: int | None) -> Iterator[str]:
    """The address of a cluster of this machine, one file at a time in each of its processes."""
    from distributed import LocalCluster

    with ExitStack() as stack:
        try:
            with without_interrupts(), safe_path():
                found = stack.enter_context(
                    LocalCluster(n_workers=jobs, threads_per_worker=1, processes=True, dashboard_address=None)
                )
        except RuntimeError as error:
            raise UsageError(f"the processes of the cluster did not start: {error}", hint=guard_hint()) from error
        yield found.scheduler_address
