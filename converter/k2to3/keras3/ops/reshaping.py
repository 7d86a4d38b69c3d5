"""Ops that move elements, and add or remove axes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import prod

from k2to3.errors import BadConfig
from k2to3.keras3.ops.elementwise import same
from k2to3.keras3.ops.values import Specs, Value, axes_of, axis_of, common, kind_of, replaced, shape_of
from k2to3.keras3.tensor import Builder, Tensor
from k2to3.keras3.types import Shape, Spec, agreed, broadcast


def expanded(x: Value, *, axis: int) -> Spec:
    shape = shape_of(x)
    at = axis_of(axis, len(shape) + 1)
    return (*shape[:at], 1, *shape[at:]), common(x)


def squeezed(x: Value, *, axis: int | Sequence[int] | None = None) -> Spec:
    shape = shape_of(x)
    gone = [i for i, n in enumerate(shape) if n == 1] if axis is None else axes_of(axis, len(shape))
    if any(shape[i] not in (1, None) for i in gone):
        raise BadConfig(f"axes {gone} of shape {shape}, which are not all of extent 1, cannot be taken away")
    return tuple(n for i, n in enumerate(shape) if i not in gone), common(x)


def reshaped(x: Value, *, newshape: Sequence[int]) -> Spec:
    """-1 is known where all extents are, or where those that are unknown stand in front of what stays as it is."""
    shape, target = shape_of(x), tuple(newshape)
    _check_count(shape, target)
    if -1 not in target:
        return target, common(x)
    at = target.index(-1)
    return replaced(target, at, _open_extent(shape, prod(n for n in target if n != -1))), common(x)


def _check_count(shape: Shape, target: Shape) -> None:
    """As many elements in as out, where that is known.

    Raises:
        BadConfig: it is another number.
    """
    if None in shape or None in target:
        return
    count, known = prod(n or 0 for n in shape), prod(n or 0 for n in target if n != -1)
    if target.count(-1) > 1 or (count % known if known and -1 in target else count != known):
        raise BadConfig(f"shape {shape} as {target}")


def _open_extent(shape: Shape, known: int) -> int | None:
    if None in shape or not known:
        return None
    return prod(n for n in shape if n is not None) // known


def transposed(x: Value, *, axes: Sequence[int] | None = None) -> Spec:
    shape = shape_of(x)
    rank = len(shape)
    order = list(reversed(range(rank))) if axes is None else axes_of(list(axes), rank)
    if sorted(order) != list(range(rank)):
        raise BadConfig(f"{list(order)} is no order of the {rank} axes of shape {shape}")
    return tuple(shape[axis] for axis in order), common(x)


def swapped(x: Value, *, axis1: int, axis2: int) -> Spec:
    found = list(shape_of(x))
    found[axis1], found[axis2] = found[axis2], found[axis1]
    return tuple(found), common(x)


def flipped(x: Value, *, axis: int | Sequence[int] | None = None) -> Spec:
    return shape_of(x), common(x)


def broadcasted(x: Value, *, shape: Sequence[int]) -> Spec:
    broadcast([shape_of(x), tuple(shape)])
    return tuple(shape), common(x)


def repeated(x: Value, *, repeats: int | Sequence[int], axis: int) -> Spec:
    shape = shape_of(x)
    at = axis_of(axis, len(shape))
    extent = shape[at]
    count = None if extent is None else extent * repeats if isinstance(repeats, int) else sum(repeats)
    return replaced(shape, at, count), common(x)


def tiled(x: Value, *, repeats: Sequence[int]) -> Spec:
    shape = shape_of(x)
    rank = max(len(shape), len(repeats))
    old, times = (1,) * (rank - len(shape)) + shape, (1,) * (rank - len(repeats)) + tuple(repeats)
    return tuple(None if n is None else n * k for n, k in zip(old, times, strict=True)), common(x)


def padded(x: Value, *, pad_width: Sequence[Sequence[int]], mode: str, constant_values: Value = None) -> Spec:
    if len(pad_width) != len(shape_of(x)):
        raise BadConfig(f"margins for {len(pad_width)} axes around a tensor of shape {shape_of(x)}")
    pairs = zip(shape_of(x), pad_width, strict=True)
    return tuple(None if n is None else n + sum(width) for n, width in pairs), common(x)


def concatenated(values: Sequence[Value], *, axis: int) -> Spec:
    shapes = [shape_of(value) for value in values]
    at = axis_of(axis, len(shapes[0]))
    others = agreed(shapes, free=at)
    extents = [shape[at] for shape in shapes]
    joined = None if None in extents else sum(n for n in extents if n is not None)
    return replaced(others, at, joined), common(*values)


def stacked(values: Sequence[Value], *, axis: int) -> Spec:
    known = agreed([shape_of(value) for value in values])
    at = axis_of(axis, len(known) + 1)
    return (*known[:at], len(values), *known[at:]), common(*values)


def split_up(x: Value, *, indices_or_sections: int | Sequence[int], axis: int) -> list[Spec]:
    shape = shape_of(x)
    at = axis_of(axis, len(shape))
    return [(replaced(shape, at, part), kind_of(x)) for part in _parts(shape[at], indices_or_sections)]


def _parts(extent: int | None, cuts: int | Sequence[int]) -> list[int | None]:
    """Equal parts, or those between the places of the cuts."""
    if isinstance(cuts, int):
        if extent is not None and extent % cuts:
            raise BadConfig(f"an axis of {extent} in {cuts} equal parts")
        return [None if extent is None else extent // cuts] * cuts
    inner = [end - start for start, end in pairwise((0, *cuts))]
    return [*inner, None if extent is None else extent - cuts[-1]]


SPECS: Specs = {
    "numpy.BroadcastTo": broadcasted,
    "numpy.Concatenate": concatenated,
    "numpy.ExpandDims": expanded,
    "numpy.Flip": flipped,
    "numpy.Pad": padded,
    "numpy.Repeat": repeated,
    "numpy.Reshape": reshaped,
    "numpy.Roll": same,
    "numpy.Sort": same,
    "numpy.Squeeze": squeezed,
    "numpy.Stack": stacked,
    "numpy.Swapaxes": swapped,
    "numpy.Tile": tiled,
    "numpy.Transpose": transposed,
}


def expand_dims(graph: Builder, x: Tensor, axis: int, name: str | None = None) -> Tensor:
    return graph.op("numpy.ExpandDims", x, config={"axis": axis}, name=name)


def squeeze(graph: Builder, x: Tensor, axis: int, name: str | None = None) -> Tensor:
    """Without one axis of extent 1."""
    return graph.op("numpy.Squeeze", x, config={"axis": [axis]}, name=name)


def reshape(graph: Builder, x: Tensor, shape: Sequence[int | None], name: str | None = None) -> Tensor:
    return graph.op("numpy.Reshape", x, config={"newshape": list(shape)}, name=name)


def transpose(graph: Builder, x: Tensor, axes: list[int], name: str | None = None) -> Tensor:
    return graph.op("numpy.Transpose", x, config={"axes": axes}, name=name)


def flip(graph: Builder, x: Tensor, axis: int, name: str | None = None) -> Tensor:
    return graph.op("numpy.Flip", x, config={"axis": axis}, name=name)


def repeat(graph: Builder, x: Tensor, repeats: int, axis: int, name: str | None = None) -> Tensor:
    return graph.op("numpy.Repeat", x, config={"repeats": repeats, "axis": axis}, name=name)


def pad(graph: Builder, x: Tensor, widths: list[list[int]], value: float, name: str | None = None) -> Tensor:
    settings = {"pad_width": widths, "mode": "constant"}
    return graph.op("numpy.Pad", x, config=settings, kwargs={"constant_values": value}, name=name)


def concatenate(graph: Builder, values: list[Tensor], axis: int, name: str | None = None) -> Tensor:
    return graph.op("numpy.Concatenate", values, config={"axis": axis}, name=name)


def stack(graph: Builder, values: list[Tensor], axis: int, name: str | None = None) -> Tensor:
    return graph.op("numpy.Stack", values, config={"axis": axis}, name=name)


def split(graph: Builder, x: Tensor, parts: int, axis: int, name: str | None = None) -> list[Tensor]:
    """Into equal parts."""
    return graph.op_many("numpy.Split", x, config={"indices_or_sections": parts, "axis": axis}, name=name)
