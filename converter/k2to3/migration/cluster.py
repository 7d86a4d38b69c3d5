"""The same work on a cluster of Dask, through the interface of `concurrent.futures`."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, Future
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from secrets import token_hex
from typing import Any

from k2to3.errors import FileError, UsageError
from k2to3.installed import check_installed
from k2to3.isolation.command import safe_path
from k2to3.migration.futures import AHEAD, Job
from k2to3.migration.pool import guard_hint, without_interrupts

LOCAL = "local"
CONNECTING = 30
"""Seconds."""
RETRIES = 3
"""How often Dask gives out a file again that could not even be begun; what fails by itself has a report, and is not."""
LEAST = 16
"""Processes that are reckoned with at least, so that a cluster that grows with its work has a reason to."""


class Cluster(Executor):
    """Where files are given out, what does one there, and how many are wanted there at a time."""

    def __init__(self, client: Any, address: str, jobs: int | None, job: Job) -> None:
        self.job = job
        self._client, self._address, self._jobs = client, address, jobs
        self._executor = client.get_executor(pure=False, retries=RETRIES)

    def submit(self, function: Any, /, *arguments: Any, **options: Any) -> Future[Any]:
        with self._asked():
            found: Future[Any] = self._executor.submit(function, *arguments, **options)
            return found

    def room(self) -> int:
        """Asked each time: an adaptive cluster grows and shrinks."""
        with self._asked():
            return AHEAD * (self._jobs or max(LEAST, sum(self._client.ncores().values())))

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """Whatever Dask says of a scheduler that no longer answers, as an error of ours."""
        try:
            if self._client.status != "running":
                raise ConnectionError("the connection is closed")
            yield
        except Exception as error:
            text = f"--cluster {self._address}: the scheduler is gone: {error}"
            raise FileError(text, hint="run it again: what is done is skipped") from error


@contextmanager
def cluster(address: str, jobs: int | None) -> Iterator[Cluster]:
    """The cluster whose scheduler has this address; `local` begins one of processes on this machine.

    Raises:
        UsageError: Dask is not installed, or the calling script has no `__main__` guard.
        FileError: there is no scheduler.
    """
    check_installed("distributed", "dask", "--cluster")
    from distributed import Client

    from k2to3.migration.dask_worker import Standing, convert_standing

    with ExitStack() as stack:
        scheduler = stack.enter_context(_local(jobs)) if address == LOCAL else address
        try:
            client = stack.enter_context(Client(scheduler, timeout=CONNECTING))
        except (OSError, TimeoutError, ValueError) as error:
            text = f"--cluster {address}: no scheduler answers: {error}"
            raise FileError(text, hint="tcp://HOST:8786, or local for processes of this machine") from error
        plugin = f"k2to3-{token_hex(8)}"
        client.register_plugin(Standing(), name=plugin)
        stack.callback(_unregistered, client, plugin)
        yield Cluster(client, address, jobs, partial(convert_standing, plugin=plugin))


def _unregistered(client: Any, plugin: str) -> None:
    """Nothing of ours stays in a cluster that goes on."""
    with suppress(OSError):
        client.unregister_worker_plugin(plugin)


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
