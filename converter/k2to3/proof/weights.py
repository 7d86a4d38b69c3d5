"""Level one: every variable on disk equals its expression over the checkpoint."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from k2to3.archive.paths import Group
from k2to3.archive.reading import open_weights
from k2to3.errors import NotEqual
from k2to3.sources.tensors import Array
from k2to3.weights import Expression


@dataclass(frozen=True)
class WeightProof:
    """How many variables were compared; `copied` of them are bit-for-bit copies."""

    variables: int
    copied: int
    nbytes: int


def prove_weights(groups: list[Group], archive: Path, *, own: bool = False) -> WeightProof:
    """Compare every variable of the archive with what the plan says it is.

    `own`: this process has just written it, so that it is not hostile.

    Raises:
        NotEqual: a variable is missing, left over, or differs in one bit.
    """
    count = copied = nbytes = 0
    with open_weights(archive, own=own) as root:
        expected = {f"{g.path}/vars/{i}".lstrip("/") for g in groups for i in range(len(g.variables))}
        _compare_names(expected, _datasets(root), archive)
        for group in groups:
            for index, expression in enumerate(group.variables):
                path = f"{group.path}/vars/{index}".lstrip("/")
                _compare(expression, root[path], path, group.layer.name, archive)
                count, nbytes = count + 1, nbytes + expression.nbytes
                copied += expression.exact
    return WeightProof(count, copied, nbytes)


def _datasets(root: h5py.File) -> set[str]:
    found: set[str] = set()
    root.visititems(lambda name, item: found.add(name) if isinstance(item, h5py.Dataset) else None)
    return found


def _compare_names(expected: set[str], found: set[str], archive: Path) -> None:
    if missing := sorted(expected - found):
        raise NotEqual(f"variable {missing[0]} is missing", file=str(archive))
    if extra := sorted(found - expected):
        raise NotEqual(f"variable {extra[0]} is in no layer", file=str(archive))


def _compare(expression: Expression, dataset: h5py.Dataset, path: str, layer: str, archive: Path) -> None:
    if tuple(dataset.shape) != tuple(expression.shape):
        raise NotEqual(f"{path} has shape {dataset.shape}", file=str(archive), layer=layer)
    start = 0
    for piece in expression.rows():
        stored = _part(dataset, start, piece, expression.shape)
        if not same_bits(piece, stored):
            raise NotEqual(f"{path} differs from {expression}", file=str(archive), layer=layer)
        start += piece.shape[0] if piece.shape else 0


def _part(dataset: h5py.Dataset, start: int, piece: Array, shape: tuple[int, ...]) -> Array:
    if not shape or piece.shape == shape:
        return np.asarray(dataset[()])
    return np.asarray(dataset[start : start + piece.shape[0]])


def same_bits(left: Array, right: Array) -> bool:
    """Whether two arrays have the same shape and, element for element, the same bits."""
    if left.shape != right.shape or left.dtype.itemsize != right.dtype.itemsize:
        return False
    order = left.dtype.newbyteorder("=")
    kind = np.dtype(f"u{left.dtype.itemsize}")
    first = np.ascontiguousarray(left.astype(order, copy=False)).view(kind)
    second = np.ascontiguousarray(
        right if right.dtype.kind == "V" else right.astype(right.dtype.newbyteorder("="), copy=False)
    )
    return bool(np.array_equal(first, second.view(kind)))
