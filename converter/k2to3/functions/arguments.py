"""Arguments that must be known when the graph is built: whole numbers, axes, shapes."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.functions.emitter import Emitter
from k2to3.functions.values import RuntimeInteger, Value, holds_runtime
from k2to3.keras3.graph import Tensor

LARGEST = 1 << 63


def static(emitter: Emitter, value: Value, what: str) -> Any:
    """A value that must be known when the graph is built, as plain Python data.

    Raises:
        UnsupportedOption: it depends on the input.
    """
    if holds_runtime(value):
        raise emitter.refuse(f"{what} depends on the input of the model")
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return [static(emitter, item, what) for item in value]
    return value


def integer(emitter: Emitter, value: Value, what: str) -> int:
    """As `static`, for one whole number."""
    found = static(emitter, value, what)
    while isinstance(found, list) and len(found) == 1:
        found = found[0]
    if isinstance(found, bool) or not isinstance(found, (int, float)) or int(found) != found:
        raise emitter.refuse(f"{what} is {found!r:.40}, not a whole number")
    if not -LARGEST <= found < LARGEST:
        raise emitter.refuse(f"{what} is a number of more than 64 bits")
    return int(found)


def count_of(emitter: Emitter, value: Value, what: str, least: int = 1) -> int:
    """As `integer`, for how many there are of something."""
    found = integer(emitter, value, what)
    if found < least:
        raise emitter.refuse(f"{what} is {found}, less than {least}")
    return found


def integers(emitter: Emitter, value: Value, what: str) -> list[int]:
    """As `static`, for a list of whole numbers; a single one makes a list of one."""
    found = static(emitter, value, what)
    return [integer(emitter, item, what) for item in (found if isinstance(found, list) else [found])]


def axes_of(emitter: Emitter, value: Value, rank: int) -> list[int] | None:
    """Non-negative axes in ascending order; None for all."""
    if value is None:
        return None
    found = sorted(normal_axis(emitter, axis, rank) for axis in integers(emitter, value, "axis"))
    if len(found) != len(set(found)):
        raise emitter.refuse(f"axes {value!r:.60}, of which one stands there twice")
    return found


def normal_axis(emitter: Emitter, axis: int, rank: int) -> int:
    if not -rank <= axis < rank:
        raise emitter.refuse(f"axis {axis} of a tensor of rank {rank}")
    return axis % rank


def one_axis(emitter: Emitter, value: Value, rank: int) -> int:
    return normal_axis(emitter, integer(emitter, value, "axis"), rank)


def known_extent(emitter: Emitter, tensor: Tensor, axis: int) -> int:
    """A static extent.

    Raises:
        UnsupportedOption: only the running model knows it.
    """
    found = tensor.shape[axis]
    if found is None:
        raise emitter.refuse(f"the extent of axis {axis} must be known when the graph is built")
    return found


def shape_items(emitter: Emitter, value: Value) -> list[Any]:
    """A target shape: integers, runtime integers and scalar tensors."""
    if isinstance(value, Tensor):
        raise emitter.refuse("a shape is computed from the values of a tensor")
    if isinstance(value, (np.ndarray, list, tuple)):
        found = []
        for item in value:
            if isinstance(item, (list, tuple, np.ndarray)) and np.ndim(item):
                raise emitter.refuse("a shape is not a list of integers")
            if item is None or isinstance(item, (RuntimeInteger, Tensor)):
                found.append(-1 if item is None else item)
            else:
                found.append(integer(emitter, item, "shape"))
        return found
    return [value] if isinstance(value, RuntimeInteger) else [integer(emitter, value, "shape")]
