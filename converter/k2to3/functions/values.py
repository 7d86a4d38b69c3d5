"""Values that flow through an interpreted computation.

A value is a `Tensor` of the graph under construction, a `RuntimeInteger` integer, a NumPy array,
or plain Python data: None, bool, int, float, complex, str, Ellipsis, slice, and lists,
tuples and dicts of values. A dtype is its name. A vector of extents some of which are
only known when the model runs is an object array holding `RuntimeInteger` integers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from k2to3.dataclass import dataclass
from k2to3.keras3.graph import Tensor
from k2to3.keras3.tensor import Computed

Value = Any


@dataclass(frozen=True)
class RuntimeInteger(Computed):
    """An integer that only the running model knows."""

    def __add__(self, other: Any) -> Value:
        return self if _is(other, 0) else RuntimeNumber("add", self, other)

    def __radd__(self, other: Any) -> Value:
        return self if _is(other, 0) else RuntimeNumber("add", other, self)

    def __sub__(self, other: Any) -> Value:
        return self if _is(other, 0) else RuntimeNumber("subtract", self, other)

    def __rsub__(self, other: Any) -> Value:
        return RuntimeNumber("subtract", other, self)

    def __mul__(self, other: Any) -> Value:
        return self if _is(other, 1) else RuntimeNumber("multiply", self, other)

    def __rmul__(self, other: Any) -> Value:
        return self if _is(other, 1) else RuntimeNumber("multiply", other, self)

    def __floordiv__(self, other: Any) -> Value:
        return self if _is(other, 1) else RuntimeNumber("floordiv", self, other)


@dataclass(frozen=True)
class RuntimeDim(RuntimeInteger):
    """The extent of `tensor` along `axis`, e.g. `tf.shape(x)[0]`."""

    tensor: Tensor
    axis: int


@dataclass(frozen=True)
class RuntimeNumber(RuntimeInteger):
    """Integer arithmetic on extents: add, subtract, multiply or floordiv."""

    operator: str
    left: Value
    right: Value


@dataclass(frozen=True, eq=False)
class Complex(Computed):
    """A complex tensor: Keras 3 graphs only hold its two parts."""

    real: Value
    imag: Value


@dataclass(frozen=True, eq=False)
class Unknowable(Computed):
    """A result that Keras 3 does not compute alike on all backends; `reason` is the refusal of who uses it."""

    reason: str


@dataclass(frozen=True, eq=False)
class Chance(Unknowable):
    """Uniform noise compared with a number: true with a known probability, in the shape of `noise`."""

    probability: float
    noise: Tensor


@dataclass(eq=False)
class UniformMean(Tensor):
    """The mean of uniform noise between `low` and `high`, which it stands for."""

    low: float = 0.0
    high: float = 1.0


def _is(value: Any, number: int) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool) and int(value) == number


def holds(value: Value, *kinds: type) -> bool:
    """Whether an instance of `kinds` stands anywhere inside."""
    return next(found(value, kinds), None) is not None


def found(value: Value, kinds: tuple[type, ...]) -> Iterator[Any]:
    """All instances of `kinds` inside."""
    if isinstance(value, kinds):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from found(item, kinds)
    elif isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.dtype == object):
        for item in value.flat if isinstance(value, np.ndarray) else value:
            yield from found(item, kinds)
    elif isinstance(value, slice):
        yield from found((value.start, value.stop, value.step), kinds)


def holds_tensor(value: Value) -> bool:
    """Whether a tensor stands anywhere inside."""
    return holds(value, Tensor)


def holds_runtime(value: Value) -> bool:
    """Whether a tensor, a complex one, or a runtime integer stands anywhere inside."""
    return holds(value, Tensor, RuntimeInteger, Complex, Unknowable)
