"""Variables of an HDF5 file: inside a `.keras` archive, or `.weights.h5`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np

from k2to3.sources.tensors import Array


class Datasets:
    """See `form.Variables`; every dataset is a variable."""

    def __init__(self, root: h5py.File) -> None:
        self._root = root

    def names(self) -> set[str]:
        found: set[str] = set()
        self._root.visititems(lambda name, item: found.add(name) if isinstance(item, h5py.Dataset) else None)
        return found

    def shape(self, name: str) -> tuple[int, ...]:
        return tuple(self._root[name].shape)

    def holds(self, name: str, dtype: str) -> bool:
        # Compared bit by bit, with widths; HDF5 has no bfloat16 to name.
        return True

    def part(self, name: str, start: int, stop: int) -> Array:
        dataset = self._root[name]
        if not dataset.shape or (start, stop) == (0, dataset.shape[0]):
            return np.asarray(dataset[()])
        return np.asarray(dataset[start:stop])


@contextmanager
def datasets(files: Mapping[str, Path], own: bool) -> Iterator[Datasets]:
    """
    Raises:
        NotKeras2: no weights. UnsafeFile: hostile.
    """
    from k2to3.archive.reading import open_weights

    (path,) = files.values()
    with open_weights(path, own=own) as root:
        yield Datasets(root)
