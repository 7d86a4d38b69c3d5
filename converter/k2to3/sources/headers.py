"""What a dataset is, without its values, as the library of HDF5 says it: inside the child process."""

from __future__ import annotations

from dataclasses import field
from typing import Any

import h5py
import numpy as np

from k2to3.dataclass import dataclass
from k2to3.sources.storage import Storage
from k2to3.sources.tree import Header

MOST = 32
"""Types remembered; a file of many would take for ever."""


@dataclass
class InMemory:
    """What NumPy calls the types of HDF5, and which of them it holds as they are; models have few."""

    known: list[tuple[h5py.h5t.TypeID, np.dtype[Any], bool]] = field(default_factory=list)

    def header(self, path: str, storage: Storage) -> Header:
        """Describe a dataset."""
        dtype, as_is = self._looked_up(storage.kind)
        if storage.shape is None or dtype.hasobject or dtype.names is not None or dtype.subdtype is not None:
            return Header(path, None, "nothing" if storage.shape is None else str(dtype), storage.shape or (), None)
        return Header(path, dtype.str, dtype.str, storage.shape, storage.place if as_is else None)

    def _looked_up(self, kind: h5py.h5t.TypeID) -> tuple[np.dtype[Any], bool]:
        found = next((entry for entry in self.known if entry[0] == kind), None)
        if found is None:
            found = (kind, kind.dtype, _as_is(kind, kind.dtype))
            self.known[MOST:] = []
            self.known.insert(0, found)
        return found[1:]


def _as_is(kind: h5py.h5t.TypeID, dtype: np.dtype[Any]) -> bool:
    """Whether the bytes in the file are those that NumPy would hold.

    HDF5 has types that it converts while it reads: other byte orders, exponents and mantissas of other widths,
    integers with padding. `dtype` is what such a one becomes.
    """
    return dtype.byteorder != ">" and not dtype.hasobject and bool(h5py.h5t.py_create(dtype) == kind)
