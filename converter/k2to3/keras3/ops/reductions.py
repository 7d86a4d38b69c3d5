"""Ops over whole axes: sums, extremes, counts, and what accumulates along an axis."""

from __future__ import annotations

from collections.abc import Sequence

from k2to3.keras3.ops.values import Specs, Value, axes_of, common, floating, kind_of, shape_of
from k2to3.keras3.tensor import Builder, Tensor
from k2to3.keras3.types import Shape, Spec

# Sums and products of small integers are computed in 32 bits.
SUMMED = {"bool": "int32", "int8": "int32", "int16": "int32", "uint8": "uint32", "uint16": "uint32"}
Axis = int | Sequence[int] | None


def reduced(x: Value, axis: Axis, keepdims: bool) -> Shape:
    shape = shape_of(x)
    axes = axes_of(axis, len(shape))
    if keepdims:
        return tuple(1 if place in axes else extent for place, extent in enumerate(shape))
    return tuple(extent for place, extent in enumerate(shape) if place not in axes)


def extreme(x: Value, *, axis: Axis = None, keepdims: bool = False) -> Spec:
    return reduced(x, axis, keepdims), common(x)


def total(x: Value, *, axis: Axis = None, keepdims: bool = False) -> Spec:
    return reduced(x, axis, keepdims), SUMMED.get(kind_of(x), common(x))


def average(x: Value, *, axis: Axis = None, keepdims: bool = False) -> Spec:
    return reduced(x, axis, keepdims), floating(x)


def truth(x: Value, *, axis: Axis = None, keepdims: bool = False) -> Spec:
    return reduced(x, axis, keepdims), "bool"


def place(x: Value, *, axis: Axis = None, keepdims: bool = False) -> Spec:
    return reduced(x, axis, keepdims), "int32"


def accumulated(x: Value, *, axis: int, dtype: str | None = None) -> Spec:
    return shape_of(x), dtype or ("int32" if kind_of(x) == "bool" else common(x))


SPECS: Specs = {
    "numpy.All": truth,
    "numpy.Any": truth,
    "numpy.Argmax": place,
    "numpy.Argmin": place,
    "numpy.CountNonzero": place,
    "numpy.Cumprod": accumulated,
    "numpy.Cumsum": accumulated,
    "numpy.Max": extreme,
    "numpy.Mean": average,
    "numpy.Min": extreme,
    "numpy.Prod": total,
    "numpy.Std": average,
    "numpy.Sum": total,
    "numpy.Var": average,
}


def any(graph: Builder, x: Tensor, axis: list[int], keepdims: bool = False, name: str | None = None) -> Tensor:
    return graph.op("numpy.Any", x, config={"axis": axis, "keepdims": keepdims}, name=name)


def sum(graph: Builder, x: Tensor, axis: Axis, keepdims: bool = False, name: str | None = None) -> Tensor:
    return graph.op("numpy.Sum", x, config={"axis": axis, "keepdims": keepdims}, name=name)


def mean(graph: Builder, x: Tensor, axis: Axis, keepdims: bool = False, name: str | None = None) -> Tensor:
    return graph.op("numpy.Mean", x, config={"axis": axis, "keepdims": keepdims}, name=name)


def var(graph: Builder, x: Tensor, axis: Axis, keepdims: bool = False, name: str | None = None) -> Tensor:
    return graph.op("numpy.Var", x, config={"axis": axis, "keepdims": keepdims}, name=name)


def max(graph: Builder, x: Tensor, axis: Axis, keepdims: bool = False, name: str | None = None) -> Tensor:
    return graph.op("numpy.Max", x, config={"axis": axis, "keepdims": keepdims}, name=name)


def cumsum(graph: Builder, x: Tensor, axis: int, name: str | None = None) -> Tensor:
    return graph.op("numpy.Cumsum", x, config={"axis": axis}, name=name)
