"""Ops that pick elements, and put them somewhere."""

from __future__ import annotations

from collections.abc import Sequence

from k2to3.errors import BadConfig
from k2to3.keras3.ops.values import Specs, Value, axis_of, common, replaced, shape_of
from k2to3.keras3.tensor import Builder, Tensor
from k2to3.keras3.types import Extent, Shape, Spec, broadcast


def picked(x: Value, key: Value) -> Spec:
    return _picked(shape_of(x), key if isinstance(key, (list, tuple)) else [key]), common(x)


def _picked(shape: Shape, key: Sequence[Value]) -> Shape:
    """Basic indexing, as NumPy: integers, slices, None and one Ellipsis."""
    used = sum(item is not None and item is not Ellipsis for item in key)
    left, found = list(shape), list[Extent]()
    for item in key:
        if item is Ellipsis:
            count = len(shape) - used
            found, left = found + left[:count], left[count:]
        elif item is None:
            found.append(1)
        elif isinstance(item, slice):
            found.append(_sliced(left.pop(0), item))
        else:
            left.pop(0)
    return (*found, *left)


def _sliced(extent: Extent, item: slice) -> Extent:
    """Of an unknown extent nothing is known, though Keras is told more where a slice can only give one."""
    return None if extent is None else len(range(extent)[item])


def taken(x: Value, indices: Value, *, axis: int | None = None) -> Spec:
    shape, index = shape_of(x), shape_of(indices)
    if axis is None:
        return index, common(x)
    at = axis_of(axis, len(shape))
    return (*shape[:at], *index, *shape[at + 1 :]), common(x)


def taken_along(x: Value, indices: Value, *, axis: int) -> Spec:
    shape, index = shape_of(x), shape_of(indices)
    at = axis_of(axis, len(shape))
    if len(shape) != len(index):
        raise BadConfig(f"indices of shape {index} along an axis of shape {shape}")
    others = broadcast([replaced(shape, at, 1), replaced(index, at, 1)])
    return replaced(others, at, index[at]), common(x)


def diagonal(x: Value, *, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Spec:
    shape = shape_of(x)
    first, second = axis_of(axis1, len(shape)), axis_of(axis2, len(shape))
    rest = tuple(n for i, n in enumerate(shape) if i not in (first, second))
    rows, columns = shape[first], shape[second]
    if rows is None or columns is None:
        return (*rest, None), common(x)
    return (*rest, max(0, min(rows + min(0, offset), columns - max(0, offset)))), common(x)


def sorted_places(x: Value, *, axis: int = -1) -> Spec:
    return shape_of(x), "int32"


def scattered(indices: Value, values: Value, *, shape: Sequence[int]) -> Spec:
    return tuple(shape), common(values)


def updated(inputs: Value, indices: Value, updates: Value, **settings: Value) -> Spec:
    return shape_of(inputs), common(inputs)


def top(x: Value, *, k: int, sorted: bool = True) -> list[Spec]:
    shape = (*shape_of(x)[:-1], k)
    return [(shape, common(x)), (shape, "int32")]


def among_top(targets: Value, predictions: Value, *, k: int) -> Spec:
    return shape_of(targets), "bool"


def by_segment(data: Value, segment_ids: Value, *, num_segments: int | None, sorted: bool = False) -> Spec:
    return (num_segments, *shape_of(data)[1:]), common(data)


def searched(sequence: Value, values: Value, *, side: str = "left") -> Spec:
    return shape_of(values), "int32"


def places(x: Value) -> list[Spec]:
    """How many there are only the data tell."""
    return [((None,), "int32") for _ in shape_of(x)]


SPECS: Specs = {
    "core.Scatter": scattered,
    "core.ScatterUpdate": updated,
    "math.InTopK": among_top,
    "math.SegmentSum": by_segment,
    "numpy.Argsort": sorted_places,
    "numpy.Diagonal": diagonal,
    "numpy.GetItem": picked,
    "numpy.SearchSorted": searched,
    "numpy.Take": taken,
    "numpy.TakeAlongAxis": taken_along,
}


def get_item(graph: Builder, x: Tensor, key: list[Value], name: str | None = None) -> Tensor:
    """`x[key]`, by integers and slices."""
    return graph.op("numpy.GetItem", x, key, name=name)
