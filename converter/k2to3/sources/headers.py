"""What a dataset is, without its values, as the library of HDF5 says it: inside the child process."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import h5py
import numpy as np

from k2to3.sources.tree import Header


@dataclass
class InMemory:
    """Which types of HDF5 NumPy holds as they are; models have few types and many arrays."""

    native: dict[str, h5py.h5t.TypeID] = field(default_factory=dict)

    def header(self, path: str, dataset: h5py.h5d.DatasetID) -> Header:
        """Describe a dataset."""
        dtype, shape = dataset.dtype, dataset.shape
        if shape is None or dtype.hasobject or dtype.names is not None or dtype.subdtype is not None:
            return Header(path, None, "nothing" if shape is None else str(dtype), shape or (), None)
        place = dataset.get_offset() if self.as_is(dataset, dtype) else None
        return Header(path, dtype.str, str(dtype), shape, None if place is None else int(place))

    def as_is(self, dataset: h5py.h5d.DatasetID, dtype: np.dtype[Any]) -> bool:
        """Whether the bytes in the file are those that NumPy would hold.

        HDF5 has types that it converts while it reads: other byte orders, exponents and mantissas of other widths,
        integers with padding. `dtype` is what such a one becomes.
        """
        if dtype.byteorder == ">":
            return False
        if dtype.str not in self.native:
            self.native[dtype.str] = h5py.h5t.py_create(dtype)
        return bool(self.native[dtype.str] == dataset.get_type())
