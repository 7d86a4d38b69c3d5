"""The values of a dataset: bytes of the opened file, or what HDF5 unpacks."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from k2to3.dataclass import dataclass
from k2to3.sources.library import Library
from k2to3.sources.opened import OpenedFile
from k2to3.sources.tree import Header


@dataclass(frozen=True)
class FlatArray:
    """Values that lie in one piece, as NumPy holds them."""

    file: OpenedFile
    offset: int
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    def place(self) -> tuple[OpenedFile, int] | None:
        """(file, byte offset) of the whole."""
        return self.file, self.offset

    def __getitem__(self, key: Any) -> Any:
        """All of it (`[()]`), or rows (`[2:4]`).

        Raises:
            FileError: the file became shorter.
        """
        first, shape = rows_asked(self.shape, key)
        size = int(self.dtype.itemsize)
        start = self.offset + first * math.prod(self.shape[1:]) * size
        return np.frombuffer(self.file.exactly(start, math.prod(shape) * size), self.dtype).reshape(shape)


@dataclass(frozen=True)
class PackedArray:
    """Values that HDF5 has to unpack or to convert."""

    library: Library
    header: Header

    @property
    def shape(self) -> tuple[int, ...]:
        return self.header.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.header.dtype

    def place(self) -> tuple[OpenedFile, int] | None:
        """None: not in one piece."""
        return None

    def __getitem__(self, key: Any) -> Any:
        """All of it (`[()]`), or rows (`[2:4]`)."""
        return self.library.root()[self.header.path][key]


def rows_asked(shape: tuple[int, ...], key: Any) -> tuple[int, tuple[int, ...]]:
    """The first row that `[()]` or `[2:4]` asks for, and the shape of what it asks for."""
    if not isinstance(key, slice):
        return 0, shape
    start, stop, _ = key.indices(shape[0])
    return start, (max(0, stop - start), *shape[1:])
