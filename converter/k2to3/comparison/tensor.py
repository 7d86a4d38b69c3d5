"""A tensor of any file: known by shape and type, read in rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from functools import cached_property
from math import prod

import numpy as np
import numpy.typing as npt

from k2to3.dataclass import dataclass
from k2to3.sources.tensors import CHUNK_BYTES, Array, StoredTensor
from k2to3.weights import Expression, Stored
from k2to3.weights.bfloat16 import to_float32


@dataclass(frozen=True)
class Tensor:
    """`part(start, stop)` gives rows as stored (bfloat16 as any 2-byte type)."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    origin: str
    part: Callable[[int, int], Array] = field(repr=False, compare=False)

    def step(self) -> int:
        """How many rows make about 4 MB."""
        if not self.shape or not self.shape[0]:
            return 1
        return max(1, CHUNK_BYTES // max(1, 8 * prod(self.shape[1:])))


class _Evaluated:
    """An expression that can only be evaluated whole, evaluated once."""

    def __init__(self, expression: Expression) -> None:
        self.expression = expression

    @cached_property
    def value(self) -> Array:
        return self.expression.evaluate()

    def part(self, start: int, stop: int) -> Array:
        return self.value if not self.expression.shape else self.value[start:stop]


def from_expression(name: str, expression: Expression) -> Tensor:
    """A variable of a plan."""
    if isinstance(expression, Stored):
        return from_stored(name, expression.tensor)
    part = _Evaluated(expression).part
    return Tensor(name, tuple(expression.shape), expression.dtype, str(expression), part)


def from_stored(name: str, tensor: StoredTensor) -> Tensor:
    """A dataset of an HDF5 file."""

    def part(start: int, stop: int) -> Array:
        return np.asarray(tensor.dataset[start:stop] if tensor.shape else tensor.dataset[()])

    return Tensor(name, tensor.shape, tensor.dtype, tensor.path, part)


def numbers(value: Array, dtype: str) -> npt.NDArray[np.float64]:
    """The values as float64."""
    return np.asarray(to_float32(value) if dtype == "bfloat16" else value).astype(np.float64)
