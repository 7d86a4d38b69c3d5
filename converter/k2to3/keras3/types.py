"""Shapes and dtypes, and how shapes broadcast."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from k2to3.errors import BadConfig

Extent = int | None
Shape = tuple[Extent, ...]
Spec = tuple[Shape, str]
"""Shape and dtype of a tensor."""


def specs(structure: Any) -> Iterator[Spec]:
    """The specs that a structure holds, in Keras 3's flattening order (dicts by sorted key)."""
    if isinstance(structure, tuple):
        yield structure
    elif isinstance(structure, Mapping):
        for key in sorted(structure):
            yield from specs(structure[key])
    elif isinstance(structure, list):
        for item in structure:
            yield from specs(item)


def broadcast(shapes: Sequence[Shape]) -> Shape:
    """NumPy broadcasting with unknown extents.

    Raises:
        BadConfig: they do not fit.
    """
    rank = max((len(shape) for shape in shapes), default=0)
    padded = [(1,) * (rank - len(shape)) + tuple(shape) for shape in shapes]
    return tuple(_extent(list(column)) for column in zip(*padded, strict=True))


def _extent(column: list[int | None]) -> int | None:
    known = {n for n in column if n is not None and n != 1}
    if len(known) > 1:
        raise BadConfig(f"shapes do not broadcast: extents {sorted(known)}")
    if known:
        return known.pop()
    return None if None in column else 1


def fit(first: Extent, second: Extent) -> bool:
    """Whether two extents can be the same."""
    return first is None or second is None or first == second


def agreed(shapes: Sequence[Shape], free: int | None = None) -> Shape:
    """The one shape that all of them are, as far as it is known; they may differ along the axis `free`.

    Raises:
        BadConfig: they are of different ranks or extents.
    """
    columns = list(zip(*shapes, strict=False))
    known = [{n for n in column if n is not None} for column in columns]
    if len({len(shape) for shape in shapes}) > 1 or any(len(n) > 1 and at != free for at, n in enumerate(known)):
        raise BadConfig(f"shapes {', '.join(map(str, shapes))}, which do not fit each other")
    return tuple(next((n for n in column if n is not None), None) for column in columns)
