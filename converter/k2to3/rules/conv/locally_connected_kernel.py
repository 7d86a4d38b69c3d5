"""Where the weights of a locally connected layer lie in its three kernel layouts."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.dataclass import dataclass

Indices = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Geometry:
    """One layer on an input of `space` positions and `channels` channels.

    `first` says that Keras 2 saw channels_first tensors.
    """

    space: tuple[int, ...]
    channels: int
    size: tuple[int, ...]
    strides: tuple[int, ...]
    padding: str
    filters: int
    first: bool

    @property
    def out(self) -> tuple[int, ...]:
        return tuple(
            -(-(n if self.padding == "same" else n - k + 1) // s)
            for n, k, s in zip(self.space, self.size, self.strides, strict=True)
        )

    def shift(self, axis: int) -> int:
        """Cells before position 0 that the first window covers; not TensorFlow's SAME."""
        return self.size[axis] // 2 if self.padding == "same" else 0

    def margins(self) -> list[list[int]]:
        """Zeros before and after each axis so that every window lies inside."""
        found = []
        for axis, (n, k, s, out) in enumerate(zip(self.space, self.size, self.strides, self.out, strict=True)):
            before = self.shift(axis)
            found.append([before, max(0, (out - 1) * s + k - n - before)])
        return found

    def dense_shape(self) -> tuple[int, ...]:
        """Implementation 2 stores the whole matrix between input and output cells."""
        if self.first:
            return (self.channels, *self.space, self.filters, *self.out)
        return (*self.space, self.channels, *self.out, self.filters)


def _cells(geometry: Geometry) -> tuple[list[Indices], list[Indices], Indices]:
    """Input and output coordinates of every weight, and whether the input cell exists.

    Coordinates broadcast to (*out, *size, channels, filters); channel or filter is last.
    """
    rank = len(geometry.size)
    total = 2 * rank + 2

    def along(axis: int, extent: int) -> Indices:
        return np.arange(extent).reshape([-1 if i == axis else 1 for i in range(total)])

    output = [along(axis, geometry.out[axis]) for axis in range(rank)]
    inside: Any = np.ones((), dtype=bool)
    source = []
    for axis in range(rank):
        place = output[axis] * geometry.strides[axis] - geometry.shift(axis) + along(rank + axis, geometry.size[axis])
        inside = inside & (place >= 0) & (place < geometry.space[axis])
        source.append(np.clip(place, 0, geometry.space[axis] - 1))
    source.append(along(2 * rank, geometry.channels))
    output.append(along(2 * rank + 1, geometry.filters))
    shape = (*geometry.out, *geometry.size, geometry.channels, geometry.filters)
    return source, output, np.broadcast_to(inside, shape)


def _ordered(geometry: Geometry, coordinates: list[Indices]) -> list[Indices]:
    return [coordinates[-1], *coordinates[:-1]] if geometry.first else coordinates


def dense_indices(geometry: Geometry) -> Indices:
    """Flat indices into the kernel of implementation 2; -1 outside the input."""
    source, output, inside = _cells(geometry)
    coordinates = np.broadcast_arrays(*_ordered(geometry, source), *_ordered(geometry, output))
    flat = np.ravel_multi_index(tuple(coordinates), geometry.dense_shape())
    return np.where(inside, flat, -1)


def sparse_indices(geometry: Geometry) -> Indices:
    """Ranks in the kernel of implementation 3, sorted by output cell, then input cell."""
    source, output, inside = _cells(geometry)
    shape = geometry.dense_shape()
    half = len(shape) // 2
    from_cell = np.ravel_multi_index(tuple(np.broadcast_arrays(*_ordered(geometry, source))), shape[:half])
    to_cell = np.ravel_multi_index(tuple(np.broadcast_arrays(*_ordered(geometry, output))), shape[half:])
    flat_from = np.broadcast_to(from_cell, inside.shape)[inside]
    flat_to = np.broadcast_to(to_cell, inside.shape)[inside]
    ranks = np.empty(flat_from.size, dtype=np.int64)
    ranks[np.lexsort((flat_from, flat_to))] = np.arange(flat_from.size)
    found = np.full(inside.shape, -1, dtype=np.int64)
    found[inside] = ranks
    return found
