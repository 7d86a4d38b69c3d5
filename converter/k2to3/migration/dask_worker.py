"""In a process of Dask: workers that stand by for as long as the batch goes on, so that each process imports once."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from typing import Any

from distributed import WorkerPlugin, get_worker

from k2to3.isolation.calls import Workers
from k2to3.isolation.warm import warm_workers
from k2to3.migration.find import Pair
from k2to3.migration.worker import convert_one
from k2to3.report.record import Report


class Standing(WorkerPlugin):  # type: ignore[misc]
    """Made anew in every process of the cluster, also in those that come later."""

    def setup(self, worker: Any) -> None:
        self._held, self._by_thread = ExitStack(), dict[int, Workers]()

    def teardown(self, worker: Any) -> None:
        self._held.close()

    def workers(self) -> Workers:
        """Those of this thread: a worker answers one at a time."""
        thread = threading.get_ident()
        if thread not in self._by_thread:
            self._by_thread[thread] = self._held.enter_context(warm_workers())
        return self._by_thread[thread]


def convert_standing(pair: Pair, options: dict[str, Any], plugin: str) -> Report:
    """One conversion, in a process of the cluster."""
    return convert_one(pair, options, get_worker().plugins[plugin].workers())
