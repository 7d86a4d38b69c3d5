"""What stands in the arguments of an op: tensors, numbers, arrays, lists of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from k2to3.errors import BadConfig
from k2to3.keras3.promotion import result_type
from k2to3.keras3.tensor import Tensor
from k2to3.keras3.types import Extent, Shape, Spec, broadcast

Value = Any
Infer = Callable[..., Spec]
"""From the arguments of a call and the settings of its op to the output; as Keras 3's `compute_output_spec`."""
InferMany = Callable[..., list[Spec]]
Specs = Mapping[str, Infer]


def shape_of(value: Value) -> Shape:
    return value.shape if isinstance(value, Tensor) else tuple(np.shape(value))


def kind_of(value: Value) -> str:
    """The dtype, or `int` and `float` for Python's own numbers."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return type(value).__name__
    return value.dtype if isinstance(value, Tensor) else str(np.asarray(value).dtype)


def common(*values: Value) -> str:
    return result_type(*(kind_of(value) for value in values))


def floating(*values: Value) -> str:
    """As `common`, and no whole number."""
    return result_type(*(kind_of(value) for value in values), "float")


def spread(*values: Value) -> Shape:
    return broadcast([shape_of(value) for value in values])


def axes_of(axis: Value, rank: int) -> list[int]:
    """Non-negative axes; all of them for None."""
    if axis is None:
        return list(range(rank))
    return [axis_of(each, rank) for each in (axis if isinstance(axis, (list, tuple)) else [axis])]


def axis_of(axis: int, rank: int) -> int:
    """One non-negative axis.

    Raises:
        BadConfig: there is none of that number.
    """
    if not -rank <= axis < rank:
        raise BadConfig(f"axis {axis} of a tensor of rank {rank}")
    return axis % rank


def replaced(shape: Shape, axis: int, extent: Extent) -> Shape:
    """The shape with another extent along one non-negative axis."""
    return (*shape[:axis], extent, *shape[axis + 1 :])
