"""A weight in a file: known by name, shape and dtype, read only when asked."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import h5py
import numpy as np
import numpy.typing as npt

from k2to3.errors import WeightMismatch
from k2to3.sources.opened import OpenedFile

Array = npt.NDArray[np.generic]
CHUNK_BYTES = 8 << 20
FLOATS = ("float16", "float32", "float64", "bfloat16")


class Dataset(Protocol):
    """An array in a file, as h5py gives it: `[()]` reads all of it, `[2:4]` rows."""

    @property
    def dtype(self) -> np.dtype[Any]: ...

    @property
    def shape(self) -> tuple[int, ...]: ...

    def __getitem__(self, key: Any) -> Any: ...


@runtime_checkable
class InOnePiece(Dataset, Protocol):
    """A dataset of another format, which says where in which file it lies."""

    def place(self) -> tuple[OpenedFile, int]: ...


@dataclass(frozen=True)
class Place:
    """The opened file that holds an HDF5 file from `offset` on."""

    file: OpenedFile
    offset: int = 0


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
    place: Place | None = field(default=None, repr=False, compare=False)

    @property
    def nbytes(self) -> int:
        return math.prod(self.shape) * int(self.dataset.dtype.itemsize)

    def read(self) -> Array:
        """The whole tensor, as stored (bfloat16 as 2-byte void)."""
        extent = self.extent()
        if extent is None or extent[2] > CHUNK_BYTES:
            return np.asarray(self.dataset[()])
        file, start, length = extent
        # A model has many small weights, and asking HDF5 for one takes ten times as long.
        stored = file.read_at(start, length)
        if len(stored) != length:
            raise WeightMismatch(f"weight {self.name!r} is cut off")
        return np.frombuffer(bytearray(stored), self.dataset.dtype).reshape(self.shape)

    def rows(self) -> Iterator[Array]:
        """The tensor in slices along its first axis, each about 8 MB."""
        yield from rows_of(self.dataset)

    def extent(self) -> tuple[OpenedFile, int, int] | None:
        """(file, byte offset, bytes) when stored in one piece of a file that is open, else None."""
        if isinstance(self.dataset, InOnePiece):
            return (*self.dataset.place(), self.nbytes)
        assert isinstance(self.dataset, h5py.Dataset)
        offset = self.dataset.id.get_offset()
        if offset is None or self.place is None or not _as_in_memory(self.dataset):
            return None
        return self.place.file, self.place.offset + int(offset), self.nbytes


def rows_of(dataset: Dataset) -> Iterator[Array]:
    """A dataset in slices along its first axis, each about 8 MB."""
    nbytes = math.prod(dataset.shape) * int(dataset.dtype.itemsize)
    if not dataset.shape or nbytes <= CHUNK_BYTES:
        yield np.asarray(dataset[()])
        return
    step = max(1, CHUNK_BYTES // max(1, nbytes // dataset.shape[0]))
    for start in range(0, dataset.shape[0], step):
        yield np.asarray(dataset[start : start + step])


def stored_tensor(
    name: str, dataset: h5py.Dataset, place: Place | None = None, path: str | None = None
) -> StoredTensor:
    """Describe a dataset; `path` is its place in the file, where that is known without asking.

    Raises:
        WeightMismatch: the element type is not numeric.
    """
    return StoredTensor(
        name=name,
        path=path or dataset.name,
        shape=tuple(int(n) for n in dataset.shape),
        dtype=_dtype_name(name, dataset.dtype),
        dataset=dataset,
        place=place,
    )


def _dtype_name(name: str, dtype: np.dtype[np.generic]) -> str:
    if dtype.kind == "V" and dtype.itemsize == 2 and dtype.names is None:
        return "bfloat16"
    if dtype.kind in "fiub" and dtype.itemsize <= 8:
        return dtype.newbyteorder("=").name
    raise WeightMismatch(f"weight {name!r} has dtype {dtype}, which no Keras weight has")


def _as_in_memory(dataset: h5py.Dataset) -> bool:
    """Whether the bytes in the file are those that NumPy would hold.

    HDF5 has types that it converts while it reads: other byte orders, exponents and mantissas of other widths,
    integers with padding. `dtype` is what such a one becomes.
    """
    dtype = dataset.dtype
    return dtype.byteorder in "=|<" and bool(h5py.h5t.py_create(dtype) == dataset.id.get_type())
