"""One stored part of a file, read as a file of its own."""

from __future__ import annotations

import io
from typing import Any, BinaryIO


class Member(io.RawIOBase):
    """`size` bytes of `file` from `offset` on, for h5py's file-object driver."""

    def __init__(self, file: BinaryIO, offset: int, size: int) -> None:
        self._file, self._offset, self._size, self._position = file, offset, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, position: int, whence: int = 0) -> int:
        base = (0, self._position, self._size)[whence]
        self._position = base + position
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: Any) -> int:
        left = max(0, self._size - self._position)
        view = memoryview(buffer)[:left]
        self._file.seek(self._offset + self._position)
        count = int(self._file.readinto(view))  # type: ignore[attr-defined]
        self._position += count
        return count
