"""A weight in a file: known by name, shape and dtype, read only when asked."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import field
from typing import Protocol

import numpy as np

from k2to3.dataclass import dataclass
from k2to3.errors import WeightMismatch
from k2to3.sources.arrays import FlatArray, PackedArray
from k2to3.sources.library import Library
from k2to3.sources.opened import OpenedFile
from k2to3.sources.pieces import CHUNK_BYTES, Array, Rows, rows_of
from k2to3.sources.tree import Header

__all__ = ["CHUNK_BYTES", "FLOATS", "Array", "Dataset", "StoredTensor", "rows_of", "stored_tensor"]
NUMBERS = {"f": "float", "i": "int", "u": "uint", "b": "bool"}
FLOATS = ("float16", "float32", "float64", "bfloat16")


class Dataset(Rows, Protocol):
    """What a weight is read from."""

    def place(self) -> tuple[OpenedFile, int] | None:
        """(file, byte offset) where the bytes lie in one piece as NumPy holds them."""


@dataclass(frozen=True)
class StoredTensor:
    """One array of a checkpoint.

    `shape` and `dtype` come from the header; `dtype` is a NumPy name, or `bfloat16`,
    which HDF5 can only hold as two opaque bytes.
    """

    name: str
    path: str
    shape: tuple[int, ...]
    dtype: str
    dataset: Dataset = field(repr=False, compare=False)

    @property
    def nbytes(self) -> int:
        return math.prod(self.shape) * int(self.dataset.dtype.itemsize)

    def read(self) -> Array:
        """The whole tensor, as stored (bfloat16 as 2-byte void)."""
        return np.asarray(self.dataset[()])

    def rows(self) -> Iterator[Array]:
        """The tensor in slices along its first axis, each about 4 MB."""
        yield from rows_of(self.dataset)

    def extent(self) -> tuple[OpenedFile, int, int] | None:
        """(file, byte offset, bytes) when stored in one piece of a file that is open, else None."""
        place = self.dataset.place()
        return None if place is None else (*place, self.nbytes)


def stored_tensor(name: str, header: Header, library: Library, path: str) -> StoredTensor:
    """A dataset of an HDF5 file; `path` is how the file was asked for it.

    Raises:
        WeightMismatch: the element type is not numeric.
    """
    kind = _dtype_name(name, header)
    array: Dataset = PackedArray(library, header)
    if header.offset is not None:
        array = FlatArray(library.file, library.offset + header.offset, header.shape, header.dtype)
    return StoredTensor(name, path, header.shape, kind, array)


def _dtype_name(name: str, header: Header) -> str:
    dtype = header.dtype if header.kind is not None else np.dtype(object)
    if dtype.kind == "V" and dtype.itemsize == 2:
        return "bfloat16"
    if dtype.kind in NUMBERS and dtype.itemsize <= 8:
        return "bool" if dtype.kind == "b" else f"{NUMBERS[dtype.kind]}{8 * dtype.itemsize}"
    raise WeightMismatch(f"weight {name!r} has dtype {header.type}, which no Keras weight has")
