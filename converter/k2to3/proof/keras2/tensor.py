"""A tensor of Keras 2 while it runs: values, and the mask that Keras attaches to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import EllipsisType
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Constant = bool | int | float | str | slice | EllipsisType | np.generic | Array | None
Structure: TypeAlias = "Tensor | Sequence[Structure] | Mapping[str, Structure] | Constant"
"""A `Tensor`, or nested lists and dicts with `Tensor` leaves and plain constants."""


@dataclass(frozen=True)
class Tensor:
    """`mask` is what Keras keeps in `_keras_mask`: True where a step counts."""

    value: Array
    mask: Array | None = None


def flatten(structure: Structure) -> Iterator[Tensor]:
    """All tensors, depth first; dicts by sorted key, as TensorFlow's `nest` does."""
    if isinstance(structure, Tensor):
        yield structure
    elif isinstance(structure, Mapping):
        for key in sorted(structure):
            yield from flatten(structure[key])
    elif isinstance(structure, (list, tuple)):
        for item in structure:
            yield from flatten(item)


def map_tensors(function: Callable[[Tensor], Structure], structure: Structure) -> Structure:
    """The same structure with every tensor replaced."""
    if isinstance(structure, Tensor):
        return function(structure)
    if isinstance(structure, Mapping):
        return {key: map_tensors(function, value) for key, value in structure.items()}
    if isinstance(structure, (list, tuple)):
        return [map_tensors(function, value) for value in structure]
    return structure


def floating(value: Array) -> bool:
    return bool(np.issubdtype(value.dtype, np.floating))
