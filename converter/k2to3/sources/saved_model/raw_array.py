"""A tensor that lies in one piece in a data file, with a checksum."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import field
from typing import Any

import numpy as np

from k2to3.dataclass import dataclass
from k2to3.errors import Damaged
from k2to3.sources.arrays import FlatArray
from k2to3.sources.opened import OpenedFile
from k2to3.sources.saved_model.checksum import crc32c, masked

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
        return FlatArray(self.file, self.offset, self.shape, self.dtype)[key]

    def place(self) -> tuple[OpenedFile, int] | None:
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
        return self.file.exactly(self.offset + start, size)
