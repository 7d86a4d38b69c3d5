"""A file that is still being written goes to the disk meanwhile: at the end little of it is left to wait for."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from k2to3.aside import one_thread
from k2to3.publish.naming import sync

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

STEP = 64 << 20


class RunningSync:
    """Flushes what the system holds of a file, a step at a time, on a thread of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pool: ThreadPoolExecutor | None = None
        self._asked = 0
        self._step: Future[None] | None = None

    def __enter__(self) -> RunningSync:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """
        Raises:
            OSError: the disk did not take it. The system says so once, so that the last flush would not hear of it.
        """
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=kind is not None)
        if kind is None:
            self._heard()

    def upto(self, position: int) -> None:
        """`position` bytes are written; a disk that is still busy with the last step gets more in the next one."""
        if position - self._asked < STEP or (self._step is not None and not self._step.done()):
            return
        self._heard()
        self._asked = position
        if self._pool is None:
            self._pool = one_thread()
        self._step = self._pool.submit(sync, self._path)

    def _heard(self) -> None:
        if self._step is not None:
            self._step.result()
