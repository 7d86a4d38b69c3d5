"""The CRC-32 of a file that is still being written, a little behind the writer."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from k2to3.aside import one_thread
from k2to3.sources.crc32 import Crc32, fastest
from k2to3.sources.tensors import CHUNK_BYTES

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

STEP = 32 << 20


class RunningCrc:
    """Takes what was written, in order, on a thread of its own; zlib leaves the other core free.

    A file of less than one step is read at its end, here: a thread costs more.
    """

    def __init__(self, path: Path, start: int) -> None:
        self._file = path.open("rb", buffering=0)
        self._pool: ThreadPoolExecutor | None = None
        self._steps: list[Future[None]] = []
        self._asked = start
        self._crc = 0
        self._crc32: Crc32 = zlib.crc32

    def __enter__(self) -> RunningCrc:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=kind is not None)
        self._file.close()

    def due(self, position: int) -> bool:
        """Whether enough stands before `position` to be worth a step."""
        return position - self._asked >= STEP

    def upto(self, position: int) -> None:
        """Everything before `position` is final and flushed."""
        if position > self._asked:
            self._submit(partial(self._add, self._asked, position))
            self._asked = position

    def piece(self, position: int, data: memoryview) -> Future[None]:
        """`data` stands at `position`, what is before it is flushed; nobody may change `data` until this is done."""
        self.upto(position)
        self._asked = position + len(data)
        return self._submit(partial(self._take, data))

    def result(self, end: int) -> int:
        """The CRC-32 of all bytes from the start to `end`."""
        if self._pool is None and end - self._asked < STEP:
            self._add(self._asked, end)
            return self._crc
        self.upto(end)
        for step in self._steps:
            step.result()
        return self._crc

    def _submit(self, step: Callable[[], None]) -> Future[None]:
        if self._pool is None:
            self._pool, self._crc32 = one_thread(), fastest()
        self._steps.append(self._pool.submit(step))
        return self._steps[-1]

    def _add(self, start: int, stop: int) -> None:
        self._file.seek(start)
        while start < stop:
            piece = self._file.read(min(CHUNK_BYTES, stop - start))
            if not piece:
                raise OSError("the file became shorter while it was written")
            self._take(piece)
            start += len(piece)

    def _take(self, data: bytes | memoryview) -> None:
        self._crc = self._crc32(data, self._crc)
