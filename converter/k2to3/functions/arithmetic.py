"""Arithmetic and comparison of two values, in either order."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.functions.dtypes import dtype_of, is_float
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.extents import same_extent
from k2to3.functions.operands import elementwise, fold, operand, shape_of
from k2to3.functions.values import RuntimeInteger, RuntimeNumber, Value, holds_runtime
from k2to3.keras3.graph import Tensor
from k2to3.keras3.types import Shape

symbol = Family()


def bias_like(left: Shape, right: Shape) -> bool:
    """Whether `ops.add(left, right)` may compute something else on TensorFlow.

    From Keras 3.8 on its TensorFlow backend calls `bias_add` when the second operand,
    squeezed, is a vector as long as axis 1 or -1 of the first, whatever axis it stands on.
    Source: `add` in keras/src/backend/tensorflow/numpy.py.
    """
    if len(left) < 2:
        return False
    sure = [axis for axis, n in enumerate(right) if n is not None and n != 1]
    maybe = [axis for axis, n in enumerate(right) if n is None]
    if len(sure) > 1:
        return False
    return any(_differs(left, right, axis) for axis in (sure or maybe))


def _differs(left: Shape, right: Shape, axis: int) -> bool:
    extent = right[axis]
    if not any(n is None or extent is None or n == extent for n in (left[1], left[-1])):
        return False
    if len(right) > len(left):
        return True
    is_last = axis == len(right) - 1
    # An unknown last extent of both is the same one, or a broadcast from 1.
    return not (is_last and left[-1] == extent)


def add_tensors(emitter: Emitter, x: Value, y: Value) -> Any:
    """Addition that TensorFlow's backend cannot mistake for a bias."""
    if not holds_runtime(x) and not holds_runtime(y):
        return elementwise(emitter, "numpy.Add", x, y)
    first = next((value for value in (x, y) if isinstance(value, Tensor)), None)
    kind = first.dtype if first is not None else dtype_of([x, y])
    left, right = operand(emitter, x, kind), operand(emitter, y, kind)
    if not bias_like(shape_of(left), shape_of(right)):
        return elementwise(emitter, "numpy.Add", left, right)
    if not bias_like(shape_of(right), shape_of(left)):
        return elementwise(emitter, "numpy.Add", right, left)
    return elementwise(emitter, "numpy.Subtract", left, elementwise(emitter, "numpy.Negative", right))


def _only_extents(*values: Value) -> bool:
    """Integers known at run time, or vectors of them: kept as such as long as possible."""
    return any(
        isinstance(v, RuntimeInteger) or (isinstance(v, np.ndarray) and v.dtype.hasobject) for v in values
    ) and not any(isinstance(v, (Tensor, float)) for v in values)


def _extents(value: Value) -> Value:
    """Differences of equal extents are 0; a vector of which all is known is a constant."""
    if isinstance(value, RuntimeNumber) and value.operator == "subtract" and same_extent(value.left, value.right):
        return 0
    if not isinstance(value, np.ndarray):
        return value
    items = [_extents(item) for item in value.flat]
    known = not any(isinstance(item, (RuntimeInteger, Tensor)) for item in items)
    found = np.array(items, "int32" if known else object)
    return found.reshape(value.shape)


@symbol("tf.math.add", "tf.__operators__.add", "tf.add_v2", "np.add")
def add(emitter: Emitter, x: Value, y: Value, name: Value = None) -> Value:
    return x + y if _only_extents(x, y) else add_tensors(emitter, x, y)


@symbol("tf.math.subtract", "tf.sub", "np.subtract")
def subtract(emitter: Emitter, x: Value, y: Value, name: Value = None) -> Value:
    return _extents(x - y) if _only_extents(x, y) else elementwise(emitter, "numpy.Subtract", x, y)


@symbol("tf.math.multiply", "tf.mul", "np.multiply")
def multiply(emitter: Emitter, x: Value, y: Value, name: Value = None) -> Value:
    return x * y if _only_extents(x, y) else elementwise(emitter, "numpy.Multiply", x, y)


@symbol("tf.math.scalar_mul")
def scalar_mul(emitter: Emitter, scalar: Value, x: Value, name: Value = None) -> Value:
    return multiply(emitter, x, scalar)


@symbol("tf.math.truediv", "tf.math.divide", "tf.realdiv", "np.true_divide", "np.divide")
def truediv(emitter: Emitter, x: Value, y: Value, name: Value = None) -> Value:
    """Integers divide as float64 in TensorFlow (float32 below 32 bits), which Keras 3 has not everywhere."""
    if not any(is_float(dtype_of(v)) for v in (x, y)):
        if not holds_runtime(x) and not holds_runtime(y):
            return fold(emitter, lambda a, b: a / b, x, y, dtype="float64")
        raise emitter.refuse("integers are divided, which makes float64", hint="cast to float32 before dividing")
    return elementwise(emitter, "numpy.TrueDivide", x, y)


@symbol("tf.div")
def div(emitter: Emitter, x: Value, y: Value, name: Value = None) -> Value:
    """TensorFlow 1's `div` is Python 2's: it floors integers."""
    if any(is_float(dtype_of(v)) for v in (x, y)):
        return truediv(emitter, x, y)
    return floordiv(emitter, x, y)


@symbol("tf.math.floordiv", "tf.floor_div", "tf.floordiv", "np.floor_divide")
def floordiv(emitter: Emitter, x: Value, y: Value, name: Value = None) -> Value:
    return x // y if _only_extents(x, y) else elementwise(emitter, "numpy.FloorDivide", x, y)


@symbol("tf.math.floormod", "tf.math.mod", "tf.mod", "np.mod", "np.remainder")
def floormod(emitter: Emitter, x: Value, y: Value, name: Value = None) -> Value:
    return elementwise(emitter, "numpy.Mod", x, y)


@symbol("tf.math.pow", "np.power")
def power(emitter: Emitter, x: Value, y: Value, name: Value = None) -> Value:
    return elementwise(emitter, "numpy.Power", x, y)


@symbol("tf.math.maximum", "np.maximum")
def maximum(emitter: Emitter, x: Value, y: Value, name: Value = None) -> Value:
    return elementwise(emitter, "numpy.Maximum", x, y)


@symbol("tf.math.minimum", "np.minimum")
def minimum(emitter: Emitter, x: Value, y: Value, name: Value = None) -> Value:
    return elementwise(emitter, "numpy.Minimum", x, y)


@symbol("tf.math.atan2", "np.arctan2")
def atan2(emitter: Emitter, y: Value, x: Value, name: Value = None) -> Value:
    return elementwise(emitter, "numpy.Arctan2", y, x)


def _comparison(class_name: str, *names: str) -> None:
    def compare(emitter: Emitter, x: Value, y: Value, name: Value = None) -> Value:
        return elementwise(emitter, f"numpy.{class_name}", x, y, dtype="bool")

    symbol(*names)(compare)


_comparison("Greater", "tf.math.greater", "K.greater", "np.greater")
_comparison("GreaterEqual", "tf.math.greater_equal", "K.greater_equal", "np.greater_equal")
_comparison("Less", "tf.math.less", "K.less", "np.less")
_comparison("LessEqual", "tf.math.less_equal", "K.less_equal", "np.less_equal")
_comparison("Equal", "tf.math.equal", "K.equal", "np.equal")
_comparison("NotEqual", "tf.math.not_equal", "K.not_equal", "np.not_equal")
_comparison("LogicalAnd", "tf.math.logical_and", "np.logical_and")
_comparison("LogicalOr", "tf.math.logical_or", "np.logical_or")
_comparison("LogicalXor", "tf.math.logical_xor", "np.logical_xor")
