"""What the families share: operands of ops, broadcasting, folding of constants."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np

from k2to3.errors import BadConfig
from k2to3.functions.dtypes import dtype_of, numpy_dtype
from k2to3.functions.emitter import Emitter
from k2to3.functions.extents import like, ones_along
from k2to3.functions.folds import FOLDS
from k2to3.functions.values import RuntimeDim, RuntimeInteger, RuntimeNumber, Value, holds_runtime
from k2to3.keras3.graph import Tensor
from k2to3.keras3.types import Shape, agreed, broadcast

MAX_CONSTANT = 50_000_000


def constant_array(emitter: Emitter, value: Value, dtype: str | None = None) -> np.ndarray[Any, Any]:
    """A known value as an array of the dtype TensorFlow gives it."""
    if isinstance(value, np.ndarray) and dtype is None:
        return value
    try:
        return np.asarray(value, numpy_dtype(dtype or dtype_of(value)))
    except (TypeError, ValueError, OverflowError) as error:
        raise emitter.refuse(f"{value!r:.60} is not an array of numbers") from error


def operand(emitter: Emitter, value: Value, dtype: str) -> Value:
    """A value as it may stand in the arguments of an op node: a tensor, a number, an array."""
    if isinstance(value, Tensor):
        return value
    if isinstance(value, RuntimeInteger):
        return materialise(emitter, value, dtype)
    if isinstance(value, (list, tuple, np.ndarray)) and holds_runtime(value):
        return as_tensor(emitter, value, dtype)
    if isinstance(value, (bool, int, float)):
        return value
    array = constant_array(emitter, value, dtype)
    # A bare number takes the dtype of the tensor beside it on every backend.
    return array.item() if array.ndim == 0 and dtype != "bool" else array


def as_tensor(emitter: Emitter, value: Value, dtype: str | None = None) -> Tensor:
    """Any value as a tensor of the graph; lists with tensors are stacked.

    Raises:
        UnsupportedOption: a constant that depends on no input has no node of its own.
    """
    if isinstance(value, Tensor):
        return value
    kind = dtype or dtype_of(value)
    if isinstance(value, RuntimeInteger):
        return materialise(emitter, value, kind)
    if isinstance(value, (list, tuple, np.ndarray)) and holds_runtime(value):
        items = [operand(emitter, item, kind) for item in value]
        return stack_items(emitter, items, kind)
    raise emitter.refuse("a constant stands where only a tensor of the model can stand")


def stack_items(emitter: Emitter, items: Sequence[Value], dtype: str, axis: int = 0) -> Tensor:
    """Stack tensors and constants of one shape; constants are written into ones of a tensor."""
    model = next(item for item in items if isinstance(item, Tensor))
    ready = [item if isinstance(item, Tensor) else filled_like(emitter, model, item, dtype) for item in items]
    rank = len(model.shape) + 1
    check_fit(emitter, [item.shape for item in ready])
    return emitter.op("numpy.Stack", ready, config={"axis": axis % rank})


def filled_like(emitter: Emitter, model: Tensor, value: Value, dtype: str) -> Tensor:
    """A constant in the shape of `model`."""
    zeros = like(emitter, "numpy.ZerosLike", model, dtype)
    found: Tensor = elementwise(emitter, "numpy.Add", zeros, operand(emitter, value, dtype))
    return found


def shape_of(value: Value) -> Shape:
    if isinstance(value, Tensor):
        return value.shape
    return tuple(np.shape(value))


def check_fit(emitter: Emitter, shapes: Sequence[Shape]) -> None:
    """Refuse operands that do not broadcast."""
    try:
        broadcast(shapes)
    except BadConfig as error:
        raise emitter.refuse(error.message) from error


def check_equal(emitter: Emitter, shapes: Sequence[Shape]) -> None:
    """Refuse operands of other shapes than the first, as far as they are known."""
    try:
        agreed(shapes)
    except BadConfig as error:
        raise emitter.refuse(error.message) from error


def elementwise(emitter: Emitter, symbol: str, *operands: Value, dtype: str | None = None) -> Any:
    """An op that works element by element on tensors, numbers and arrays."""
    if not any(holds_runtime(value) for value in operands):
        return fold(emitter, FOLDS[symbol], *operands, dtype=dtype)
    first = next((value for value in operands if isinstance(value, Tensor)), None)
    kind = first.dtype if first is not None else dtype_of(next(v for v in operands if holds_runtime(v)))
    ready = [operand(emitter, value, kind) for value in operands]
    check_fit(emitter, [shape_of(value) for value in ready])
    return emitter.op(symbol, *ready)


def fold(emitter: Emitter, function: Callable[..., Any], *operands: Value, dtype: str | None = None) -> Any:
    """Compute on constants as TensorFlow would: numbers take the dtype of arrays beside them."""
    typed = [value for value in operands if isinstance(value, (np.ndarray, np.generic))]
    kind = str(typed[0].dtype) if typed else dtype_of(list(operands))
    arrays = [constant_array(emitter, value, kind) for value in operands]
    check_size(emitter, np.broadcast_shapes(*(array.shape for array in arrays)))
    with np.errstate(all="ignore"):
        found = np.asarray(function(*arrays))
    return found.astype(numpy_dtype(dtype or kind), copy=False)


def check_size(emitter: Emitter, shape: Sequence[int]) -> None:
    """Refuse constants that would not fit an archive, before they are made."""
    if prod(int(n) for n in shape) > MAX_CONSTANT:
        raise emitter.refuse(f"a constant of shape {list(shape)} is too large")


ARITHMETIC = {
    "add": "numpy.Add",
    "subtract": "numpy.Subtract",
    "multiply": "numpy.Multiply",
    "floordiv": "numpy.FloorDivide",
}


def materialise(emitter: Emitter, value: Value, dtype: str) -> Tensor:
    """The value of a runtime integer as a scalar tensor: ones counted along the axis."""
    if isinstance(value, RuntimeDim):
        column = ones_along(emitter, value, dtype)
        return emitter.op("numpy.Sum", column, config={"axis": None, "keepdims": False})
    assert isinstance(value, RuntimeNumber)
    operands = [
        materialise(emitter, v, dtype) if isinstance(v, RuntimeInteger) else v for v in (value.left, value.right)
    ]
    found: Tensor = elementwise(emitter, ARITHMETIC[value.operator], *operands)
    return found
