"""Arrays too large to be read at once, in pieces."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np

Array = np.ndarray[Any, np.dtype[np.generic]]
CHUNK_BYTES = 4 << 20


class Rows(Protocol):
    """An array in a file: `[()]` reads all of it, `[2:4]` rows."""

    @property
    def dtype(self) -> np.dtype[Any]: ...

    @property
    def shape(self) -> tuple[int, ...]: ...

    def __getitem__(self, key: Any) -> Any: ...


def rows_of(dataset: Rows) -> Iterator[Array]:
    """A dataset in slices along its first axis, each about 4 MB."""
    nbytes = math.prod(dataset.shape) * int(dataset.dtype.itemsize)
    if not dataset.shape or nbytes <= CHUNK_BYTES:
        yield np.asarray(dataset[()])
        return
    step = max(1, CHUNK_BYTES // max(1, nbytes // dataset.shape[0]))
    for start in range(0, dataset.shape[0], step):
        yield np.asarray(dataset[start : start + step])
