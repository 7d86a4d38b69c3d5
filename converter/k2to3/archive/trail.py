"""What follows the writer of a file: its checksum, its way to the disk, and whoever watches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from k2to3.archive.running_crc import RunningCrc
from k2to3.archive.running_sync import RunningSync
from k2to3.dataclass import dataclass

if TYPE_CHECKING:
    from concurrent.futures import Future

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Trail:
    """Is told of what is written at the position of `file`, in the order of the file."""

    file: BinaryIO
    disk: RunningSync
    crc: RunningCrc | None
    progress: Progress | None

    def wrote(self, count: int) -> None:
        """`count` bytes end at the position of the file."""
        position = self.file.tell()
        if self.crc is not None and self.crc.due(position):
            self.file.flush()
            self.crc.upto(position)
        self._tell(position, count)

    def wrote_piece(self, data: memoryview) -> Future[None] | None:
        """`data` ends at the position of the file, which is flushed; until the answer is done nobody may change it."""
        position = self.file.tell()
        step = None if self.crc is None else self.crc.piece(position - len(data), data)
        self._tell(position, len(data))
        return step

    def _tell(self, position: int, count: int) -> None:
        self.disk.upto(position)
        if self.progress is not None:
            self.progress(count)


@contextmanager
def trail(path: Path, file: BinaryIO, progress: Progress | None, crc: RunningCrc | None = None) -> Iterator[Trail]:
    """Follow `file`, which is at `path`.

    Raises:
        OSError: the disk did not take what was written.
    """
    with RunningSync(path) as disk, crc or nullcontext():
        yield Trail(file, disk, crc, progress)
