"""Subscripts and slice bounds that are tensors or extents of the running model."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np

from k2to3.functions.dtypes import INTEGERS
from k2to3.functions.emitter import Emitter
from k2to3.functions.extents import same_extent
from k2to3.functions.indexing import index_operand, take
from k2to3.functions.operands import elementwise, materialise
from k2to3.functions.values import RuntimeDim, RuntimeInteger, RuntimeNumber, Value
from k2to3.functions.varying import between
from k2to3.keras3.graph import Tensor, one

VARYING = "a slice with a step, whose length depends on the data"
ADVICE = "keep all of the axis and multiply by tf.sequence_mask, which is converted"


def settled(emitter: Emitter, tensor: Tensor, spec: list[Value]) -> tuple[Tensor, list[Value]]:
    """The tensor with everything that moves already taken, and what is left of the subscript.

    `spec` has one item per axis, and None for every new one.

    Raises:
        UnsupportedOption: the length of the result depends on the data.
    """
    found: list[Value] = []
    axis = 0
    for item in spec:
        if item is None:
            found.append(None)
            continue
        if isinstance(item, slice):
            tensor, item = _slice(emitter, tensor, axis, item)
        elif isinstance(item, RuntimeInteger):
            tensor, item = _index(emitter, tensor, axis, _from_end(emitter, tensor, axis, item))
        elif isinstance(item, Tensor):
            tensor, item = _index(emitter, tensor, axis, item)
        found.append(item)
        axis += 1
    return tensor, found


def _index(emitter: Emitter, tensor: Tensor, axis: int, item: Value) -> tuple[Tensor, Value]:
    """One element at a place that moves: taken as an axis of extent 1."""
    if isinstance(item, int):
        return tensor, item
    index = materialise(emitter, item, "int32") if isinstance(item, RuntimeInteger) else item
    if index.shape not in ((), (1,)) or index.dtype not in INTEGERS:
        raise emitter.refuse("a subscript that is a tensor of numbers", hint="tf.gather says the same and is converted")
    return taken(emitter, tensor, axis, index, 1), 0


def taken(emitter: Emitter, tensor: Tensor, axis: int, start: Tensor, length: int) -> Tensor:
    """`length` elements from `start` on."""
    steps = np.arange(length, dtype="int32").reshape(length)
    index = elementwise(emitter, "numpy.Add", index_operand(emitter, start), steps.astype(_signed(start.dtype)))
    result: Tensor = take(emitter, tensor, index, axis)
    return result


def _signed(dtype: str) -> str:
    return dtype if dtype in ("int32", "int64") else "int32"


def _slice(emitter: Emitter, tensor: Tensor, axis: int, item: slice) -> tuple[Tensor, slice]:
    start, stop = (_bound(emitter, tensor, axis, bound) for bound in (item.start, item.stop))
    if not any(isinstance(bound, (Tensor, RuntimeInteger)) for bound in (start, stop)):
        return tensor, slice(start, stop, item.step)
    first, last = (affine(bound) for bound in (start, stop))
    if first is None or last is None or first[0] != last[0] or item.step not in (None, 1):
        if item.step not in (None, 1):
            raise emitter.refuse(VARYING, hint=ADVICE)
        return between(emitter, tensor, axis, start, stop), slice(None)
    length = last[1] - first[1]
    if length <= 0:
        raise emitter.refuse(f"a slice of {length} elements")
    extent = tensor.shape[axis]
    if (extent is None and axis == 0) or (extent is not None and length > extent):
        raise emitter.refuse(f"a window of {length} that moves along an axis of {extent or 'a few samples'}")
    emitter.note("rebuilt", f"a window of {length} that moves: equal where it lies inside of the axis")
    begin = materialise(emitter, start, "int32") if isinstance(start, RuntimeInteger) else start
    return taken(emitter, tensor, axis, begin, length), slice(None)


def _bound(emitter: Emitter, tensor: Tensor, axis: int, bound: Value) -> Value:
    return _from_end(emitter, tensor, axis, bound, True) if isinstance(bound, RuntimeInteger) else bound


def _from_end(emitter: Emitter, tensor: Tensor, axis: int, value: RuntimeInteger, bound: bool = False) -> Value:
    """An extent of this very axis, or some steps before it, as a number counted from the end."""
    whole = RuntimeDim(tensor, axis)
    if bound and isinstance(value, RuntimeDim) and same_extent(value, whole):
        return None
    if (
        isinstance(value, RuntimeNumber)
        and value.operator == "subtract"
        and not isinstance(value.right, RuntimeInteger)
    ):
        steps = int(value.right)
        if steps > 0 and isinstance(value.left, RuntimeDim) and same_extent(value.left, whole):
            if steps > 1:
                emitter.note("rebuilt", f"{steps} before the end: equal where the axis has {steps} elements or more")
            return -steps
    return value


def affine(value: Value) -> tuple[Hashable, int] | None:
    """A moving value as what moves and a distance from it; None for a number."""
    if isinstance(value, RuntimeNumber) and value.operator in ("add", "subtract"):
        return _moved(value.operator == "subtract", value.left, value.right)
    if isinstance(value, RuntimeInteger):
        return value, 0
    if not isinstance(value, Tensor):
        return None
    node, name = value.node, value.node.operation.class_name
    if name in ("Add", "Subtract") and len(node.args) == 2:
        return _moved(name == "Subtract", *node.args)
    return origin(value), 0


def _moved(negative: bool, left: Any, right: Any) -> tuple[Hashable, int] | None:
    if not isinstance(right, (Tensor, RuntimeInteger)) and np.ndim(right) == 0:
        found = affine(left)
        return None if found is None else (found[0], found[1] + (-int(right) if negative else int(right)))
    if not isinstance(left, (Tensor, RuntimeInteger)) and np.ndim(left) == 0 and not negative:
        found = affine(right)
        return None if found is None else (found[0], found[1] + int(left))
    return None


def origin(tensor: Tensor) -> Hashable:
    """Equal for the same element of the same tensor, subscripted twice."""
    node = tensor.node
    if node.operation.class_name != "GetItem":
        return id(node), tensor.index
    source, key = node.args
    return origin(one(source)), repr(key)
