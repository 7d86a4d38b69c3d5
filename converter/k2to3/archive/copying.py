"""Bytes from one file to another at the speed of `cp`."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from typing import BinaryIO

from k2to3.sources.opened import OpenedFile
from k2to3.sources.tensors import CHUNK_BYTES

PIECE = 64 << 20
# What `copy_file_range` answers where the file systems cannot do it.
CANNOT = frozenset({errno.ENOSYS, errno.EXDEV, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM, errno.EBADF})


def copy_range(
    source: OpenedFile, start: int, size: int, file: BinaryIO, progress: Callable[[int], None] | None
) -> None:
    """Copy `size` bytes at `start` of `source` to the position of `file`; inside the kernel where it can.

    Raises:
        OSError: the source became shorter, the disk is full.
    """
    file.flush()
    done = 0
    while done < size:
        count = _in_kernel(source, start + done, file, min(PIECE, size - done))
        if count is None:
            piece = source.read_at(start + done, min(CHUNK_BYTES, size - done))
            file.write(piece)
            file.flush()
            count = len(piece)
        if not count:
            raise OSError(errno.EIO, "the checkpoint became shorter while it was read")
        done += count
        if progress is not None:
            progress(count)


def _in_kernel(source: OpenedFile, start: int, file: BinaryIO, size: int) -> int | None:
    """Bytes copied, or None where the system cannot."""
    if not hasattr(os, "copy_file_range"):
        return None
    target = file.tell()
    try:
        count = os.copy_file_range(source.descriptor, file.fileno(), size, start, target)
    except OSError as error:
        if error.errno in CANNOT:
            return None
        raise
    file.seek(target + count)
    return count
