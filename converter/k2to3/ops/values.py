"""Values that flow through an interpreted computation.

A value is a `Tensor` of the graph under construction, a `Runtime` integer, a NumPy array,
or plain Python data: None, bool, int, float, complex, str, Ellipsis, slice, and lists,
tuples and dicts of values. A dtype is its name. A vector of extents some of which are
only known when the model runs is an object array holding `Runtime` integers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from k2to3.target.graph import Tensor

Value = Any
Number = int | float | bool


@dataclass(frozen=True)
class Runtime:
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
class RuntimeDim(Runtime):
    """The extent of `tensor` along `axis`, e.g. `tf.shape(x)[0]`."""

    tensor: Tensor
    axis: int


@dataclass(frozen=True)
class RuntimeNumber(Runtime):
    """Integer arithmetic on extents: add, subtract, multiply or floordiv."""

    operator: str
    left: Value
    right: Value


def _is(value: Any, number: int) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool) and int(value) == number


def holds_tensor(value: Value) -> bool:
    """Whether a tensor stands anywhere inside."""
    if isinstance(value, Tensor):
        return True
    if isinstance(value, dict):
        return any(holds_tensor(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return any(holds_tensor(item) for item in value)
    if isinstance(value, slice):
        return any(holds_tensor(item) for item in (value.start, value.stop, value.step))
    return isinstance(value, np.ndarray) and value.dtype == object and any(holds_tensor(x) for x in value.flat)


def holds_runtime(value: Value) -> bool:
    """Whether a tensor or a runtime integer stands anywhere inside."""
    if isinstance(value, (Tensor, Runtime)):
        return True
    if isinstance(value, dict):
        return any(holds_runtime(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return any(holds_runtime(item) for item in value)
    if isinstance(value, slice):
        return any(holds_runtime(item) for item in (value.start, value.stop, value.step))
    return isinstance(value, np.ndarray) and value.dtype == object and any(holds_runtime(x) for x in value.flat)
