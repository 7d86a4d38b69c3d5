"""A tensor that lies in one piece in a data file, with a checksum."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from k2to3.errors import FileError
from k2to3.sources.opened import OpenedFile
from k2to3.sources.saved_model.checksum import crc32c, masked
from k2to3.sources.saved_model.wire import Damaged

PIECE = 8 << 20


@dataclass
class RawArray:
    """What `StoredTensor` asks of a dataset. No byte is given out before the whole has its checksum."""

    file: OpenedFile
    offset: int
    shape: tuple[int, ...]
    kind: str
    name: str
    crc: int
    _sound: bool = field(default=False, repr=False)

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype("V2" if self.kind == "bfloat16" else self.kind).newbyteorder("<")

    @property
    def nbytes(self) -> int:
        return math.prod(self.shape) * int(self.dtype.itemsize)

    def __getitem__(self, key: Any) -> Any:
        """All of it (`[()]`), or rows (`[2:4]`)."""
        self.check()
        if not isinstance(key, slice):
            return np.frombuffer(self._bytes(0, self.nbytes), self.dtype).reshape(self.shape)
        start, stop, _ = key.indices(self.shape[0])
        rows = max(0, stop - start)
        row = self.nbytes // max(1, self.shape[0])
        return np.frombuffer(self._bytes(start * row, rows * row), self.dtype).reshape(rows, *self.shape[1:])

    def place(self) -> tuple[OpenedFile, int]:
        """(file, byte offset) of the whole."""
        self.check()
        return self.file, self.offset

    def check(self) -> None:
        """Compare the checksum, once.

        Raises:
            Damaged: it is wrong. FileError: the file became shorter.
        """
        if not self._sound:
            if masked(crc32c(self._pieces())) != self.crc & 0xFFFF_FFFF:
                raise Damaged(f"weight {self.name!r} is damaged: its checksum is wrong", file=str(self.file.path))
            self._sound = True

    def _pieces(self) -> Iterator[bytearray]:
        for start in range(0, self.nbytes, PIECE):
            yield self._bytes(start, min(PIECE, self.nbytes - start))

    def _bytes(self, start: int, size: int) -> bytearray:
        found = bytearray(size)
        view, done = memoryview(found), 0
        while done < size:
            count = self.file.read_into(view[done:], self.offset + start + done)
            if not count:
                raise FileError("became shorter while it was read", file=str(self.file.path))
            done += count
        return found
