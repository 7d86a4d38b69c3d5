"""Bytes from one file to another at the speed of `cp`.

Through buffers and not inside the kernel (`copy_file_range`): values lie at other places of a page in the two files,
which costs the kernel half as much again, and what passes through a buffer needs not be read again for its checksum.
"""

from __future__ import annotations

import errno
from itertools import cycle
from typing import TYPE_CHECKING

from k2to3.archive.trail import Trail
from k2to3.sources.opened import OpenedFile

if TYPE_CHECKING:
    from concurrent.futures import Future

PIECE = 1 << 20
IN_TURN = 4
# Up to here a thread for the checksum takes longer to come up than it saves.
AT_ONCE = 4 << 20


def copy_range(source: OpenedFile, start: int, size: int, trail: Trail) -> None:
    """Copy `size` bytes at `start` of `source` to the position of the file that `trail` follows.

    Raises:
        OSError: the source became shorter, the disk is full. FileError: a short source became shorter.
    """
    if size <= AT_ONCE:
        trail.file.write(source.exactly(start, size))
        trail.wrote(size)
        return
    buffers = [memoryview(bytearray(PIECE)) for _ in range(IN_TURN)]
    busy: list[Future[None] | None] = [None] * IN_TURN
    trail.file.flush()
    done = 0
    for turn in cycle(range(IN_TURN)):
        if done == size:
            return
        if (step := busy[turn]) is not None:
            step.result()
        count = source.read_into(buffers[turn][: size - done], start + done)
        if not count:
            raise OSError(errno.EIO, "the checkpoint became shorter while it was read")
        piece = buffers[turn][:count]
        trail.file.write(piece)
        trail.file.flush()
        busy[turn] = trail.wrote_piece(piece)
        done += count
