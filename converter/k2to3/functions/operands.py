"""What the families share: operands, broadcasting, folding of constants, static arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np

from k2to3.errors import BadConfig
from k2to3.functions.dtypes import dtype_of, numpy_dtype
from k2to3.functions.emitter import Emitter
from k2to3.functions.extents import like, materialise
from k2to3.functions.values import Runtime, Value, holds_runtime
from k2to3.keras3.graph import Tensor
from k2to3.keras3.types import Shape, broadcast

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
    if isinstance(value, Runtime):
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
    if isinstance(value, Runtime):
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
    shape = list(broadcast_all(emitter, [item.shape for item in ready]))
    shape.insert(axis % rank, len(ready))
    return emitter.op("numpy.Stack", ready, config={"axis": axis % rank}, shape=tuple(shape), dtype=dtype)


def filled_like(emitter: Emitter, model: Tensor, value: Value, dtype: str) -> Tensor:
    """A constant in the shape of `model`."""
    zeros = like(emitter, "numpy.ZerosLike", model, dtype)
    found: Tensor = elementwise(emitter, "numpy.Add", zeros, operand(emitter, value, dtype))
    return found


def shape_of(value: Value) -> Shape:
    if isinstance(value, Tensor):
        return value.shape
    return tuple(np.shape(value))


def broadcast_all(emitter: Emitter, shapes: Sequence[Shape]) -> Shape:
    try:
        return broadcast(shapes)
    except BadConfig as error:
        raise emitter.refuse(error.message) from error


def elementwise(emitter: Emitter, symbol: str, *operands: Value, dtype: str | None = None) -> Any:
    """An op that works element by element on tensors, numbers and arrays."""
    if not any(holds_runtime(value) for value in operands):
        return fold(emitter, FOLDS[symbol], *operands, dtype=dtype)
    first = next((value for value in operands if isinstance(value, Tensor)), None)
    kind = first.dtype if first is not None else dtype_of(next(v for v in operands if holds_runtime(v)))
    ready = [operand(emitter, value, kind) for value in operands]
    shape = broadcast_all(emitter, [shape_of(value) for value in ready])
    return emitter.op(symbol, *ready, shape=shape, dtype=dtype or kind)


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


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


FOLDS: dict[str, Callable[..., Any]] = {
    "numpy.Add": np.add,
    "numpy.Subtract": np.subtract,
    "numpy.Multiply": np.multiply,
    "numpy.TrueDivide": np.true_divide,
    "numpy.FloorDivide": np.floor_divide,
    "numpy.Mod": np.mod,
    "numpy.Power": np.power,
    "numpy.Maximum": np.maximum,
    "numpy.Minimum": np.minimum,
    "numpy.Arctan2": np.arctan2,
    "numpy.Greater": np.greater,
    "numpy.GreaterEqual": np.greater_equal,
    "numpy.Less": np.less,
    "numpy.LessEqual": np.less_equal,
    "numpy.Equal": np.equal,
    "numpy.NotEqual": np.not_equal,
    "numpy.LogicalAnd": np.logical_and,
    "numpy.LogicalOr": np.logical_or,
    "numpy.LogicalXor": np.logical_xor,
    "numpy.LogicalNot": np.logical_not,
    "numpy.Where": np.where,
    "numpy.Absolute": np.abs,
    "numpy.Negative": np.negative,
    "numpy.Square": np.square,
    "numpy.Sqrt": np.sqrt,
    "numpy.Exp": np.exp,
    "numpy.Expm1": np.expm1,
    "numpy.Log": np.log,
    "numpy.Log1p": np.log1p,
    "numpy.Log2": np.log2,
    "numpy.Log10": np.log10,
    "numpy.Sin": np.sin,
    "numpy.Cos": np.cos,
    "numpy.Tan": np.tan,
    "numpy.Arcsin": np.arcsin,
    "numpy.Arccos": np.arccos,
    "numpy.Arctan": np.arctan,
    "numpy.Sinh": np.sinh,
    "numpy.Cosh": np.cosh,
    "numpy.Tanh": np.tanh,
    "numpy.Arcsinh": np.arcsinh,
    "numpy.Arccosh": np.arccosh,
    "numpy.Arctanh": np.arctanh,
    "numpy.Sign": np.sign,
    "numpy.Ceil": np.ceil,
    "numpy.Floor": np.floor,
    "numpy.Round": np.round,
    "numpy.Reciprocal": np.reciprocal,
    "numpy.Isnan": np.isnan,
    "numpy.Isinf": np.isinf,
    "numpy.Isfinite": np.isfinite,
    "math.Rsqrt": lambda x: 1 / np.sqrt(x),
    "nn.Sigmoid": _sigmoid,
    "nn.Relu": lambda x: np.maximum(x, 0),
    "nn.Softplus": lambda x: np.logaddexp(x, 0),
}


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
    return int(found)


def integers(emitter: Emitter, value: Value, what: str) -> list[int]:
    """As `static`, for a list of whole numbers; a single one makes a list of one."""
    found = static(emitter, value, what)
    return [integer(emitter, item, what) for item in (found if isinstance(found, list) else [found])]


def axes_of(emitter: Emitter, value: Value, rank: int) -> list[int] | None:
    """Non-negative axes in ascending order; None for all."""
    if value is None:
        return None
    found = [normal_axis(emitter, axis, rank) for axis in integers(emitter, value, "axis")]
    return sorted(dict.fromkeys(found))


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
