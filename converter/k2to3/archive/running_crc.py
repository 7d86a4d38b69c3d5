"""The CRC-32 of a file that is still being written, a little behind the writer."""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

from k2to3.sources.crc32 import fastest
from k2to3.sources.tensors import CHUNK_BYTES

STEP = 32 << 20


class RunningCrc:
    """Reads what was written, in order, on a thread of its own; zlib leaves the other core free."""

    def __init__(self, path: Path, start: int) -> None:
        self._file = path.open("rb", buffering=0)
        self._pool = ThreadPoolExecutor(1)
        self._steps: list[Future[None]] = []
        self._asked = start
        self._crc = 0

    def __enter__(self) -> RunningCrc:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=kind is not None)
        self._file.close()

    def due(self, position: int) -> bool:
        """Whether enough stands before `position` to be worth a step."""
        return position - self._asked >= STEP

    def upto(self, position: int) -> None:
        """Everything before `position` is final and flushed."""
        if position > self._asked:
            self._steps.append(self._pool.submit(self._add, self._asked, position))
            self._asked = position

    def result(self, end: int) -> int:
        """The CRC-32 of all bytes from the start to `end`."""
        self.upto(end)
        for step in self._steps:
            step.result()
        return self._crc

    def _add(self, start: int, stop: int) -> None:
        crc32 = fastest()
        while start < stop:
            piece = os.pread(self._file.fileno(), min(CHUNK_BYTES, stop - start), start)
            if not piece:
                raise OSError("the file became shorter while it was written")
            self._crc = crc32(piece, self._crc)
            start += len(piece)
