"""The CRC-32 of a file that is still being written, a little behind the writer."""

from __future__ import annotations

import os
import zlib
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from k2to3.sources.crc32 import Crc32, fastest
from k2to3.sources.tensors import CHUNK_BYTES

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

STEP = 32 << 20


class RunningCrc:
    """Reads what was written, in order, on a thread of its own; zlib leaves the other core free.

    A file of less than one step is read at its end, here: a thread costs more.
    """

    def __init__(self, path: Path, start: int) -> None:
        self._file = path.open("rb", buffering=0)
        self._pool: ThreadPoolExecutor | None = None
        self._steps: list[Future[None]] = []
        self._asked = start
        self._crc = 0

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
            if self._pool is None:
                from concurrent.futures import ThreadPoolExecutor

                self._pool = ThreadPoolExecutor(1)
            self._steps.append(self._pool.submit(self._add, self._asked, position, fastest()))
            self._asked = position

    def result(self, end: int) -> int:
        """The CRC-32 of all bytes from the start to `end`."""
        if self._pool is None and end - self._asked < STEP:
            self._add(self._asked, end, zlib.crc32)
            return self._crc
        self.upto(end)
        for step in self._steps:
            step.result()
        return self._crc

    def _add(self, start: int, stop: int, crc32: Crc32) -> None:
        while start < stop:
            piece = os.pread(self._file.fileno(), min(CHUNK_BYTES, stop - start), start)
            if not piece:
                raise OSError("the file became shorter while it was written")
            self._crc = crc32(piece, self._crc)
            start += len(piece)
