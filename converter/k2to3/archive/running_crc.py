"""The CRC-32 of a file that is still being written, a little behind the writer."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

from k2to3.sources.crc32 import fastest
from k2to3.sources.tensors import CHUNK_BYTES

STEP = 32 << 20


class RunningCrc:
    """Takes what was written, in order, on a thread of its own; zlib leaves the other core free."""

    def __init__(self, path: Path, start: int) -> None:
        self._file = path.open("rb", buffering=0)
        self._pool = ThreadPoolExecutor(1)
        self._steps: list[Future[None]] = []
        self._asked = start
        self._crc = 0
        self._crc32 = fastest()

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

    def piece(self, position: int, data: memoryview) -> Future[None]:
        """`data` stands at `position`, what is before it is flushed; nobody may change `data` until this is done."""
        self.upto(position)
        self._asked = position + len(data)
        self._steps.append(self._pool.submit(self._take, data))
        return self._steps[-1]

    def result(self, end: int) -> int:
        """The CRC-32 of all bytes from the start to `end`."""
        self.upto(end)
        for step in self._steps:
            step.result()
        return self._crc

    def _add(self, start: int, stop: int) -> None:
        self._file.seek(start)
        while start < stop:
            piece = self._file.read(min(CHUNK_BYTES, stop - start))
            if not piece:
                raise OSError("the file became shorter while it was written")
            self._crc = self._crc32(piece, self._crc)
            start += len(piece)

    def _take(self, data: memoryview) -> None:
        self._crc = self._crc32(data, self._crc)
