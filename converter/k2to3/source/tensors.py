"""A weight in a file: known by name, shape and dtype, read only when asked."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import h5py
import numpy as np
import numpy.typing as npt

from k2to3.errors import WeightMismatch

Array = npt.NDArray[np.generic]
CHUNK_BYTES = 8 << 20
FLOATS = ("float16", "float32", "float64", "bfloat16")


@dataclass(frozen=True)
class Place:
    """The file on disk that holds an HDF5 file from `offset` on."""

    path: str
    offset: int


@dataclass(frozen=True)
class StoredTensor:
    """One dataset of a checkpoint.

    `shape` and `dtype` come from the header; `dtype` is a NumPy name, or `bfloat16`,
    which HDF5 can only hold as two opaque bytes.
    """

    name: str
    path: str
    shape: tuple[int, ...]
    dtype: str
    dataset: h5py.Dataset = field(repr=False, compare=False)
    place: Place | None = field(default=None, repr=False, compare=False)

    @property
    def nbytes(self) -> int:
        return math.prod(self.shape) * int(self.dataset.dtype.itemsize)

    def read(self) -> Array:
        """The whole tensor, as stored (bfloat16 as 2-byte void)."""
        return np.asarray(self.dataset[()])

    def rows(self) -> Iterator[Array]:
        """The tensor in slices along its first axis, each about 8 MB."""
        if not self.shape or self.nbytes <= CHUNK_BYTES:
            yield self.read()
            return
        row = max(1, self.nbytes // self.shape[0])
        step = max(1, CHUNK_BYTES // row)
        for start in range(0, self.shape[0], step):
            yield np.asarray(self.dataset[start : start + step])

    def extent(self) -> tuple[str, int, int] | None:
        """(file, byte offset, bytes) when stored in one piece, else None."""
        offset = self.dataset.id.get_offset()
        if offset is None or not _native_order(self.dataset.dtype):
            return None
        place = self.place or Place(self.dataset.file.filename, 0)
        return place.path, place.offset + int(offset), self.nbytes


def stored_tensor(name: str, dataset: h5py.Dataset, place: Place | None = None) -> StoredTensor:
    """Describe a dataset.

    Raises:
        WeightMismatch: the element type is not numeric.
    """
    return StoredTensor(
        name=name,
        path=dataset.name,
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


def _native_order(dtype: np.dtype[np.generic]) -> bool:
    return dtype.byteorder in "=|<"
