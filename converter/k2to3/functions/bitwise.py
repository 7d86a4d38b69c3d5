"""`tf.bitwise`: what works on the bits of whole numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from k2to3.functions.dtypes import dtype_of
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.operands import elementwise, fold, operand, shape_of
from k2to3.functions.values import Value, holds_runtime
from k2to3.keras3.graph import Tensor
from k2to3.keras3.ops.values import spread

symbol = Family()
BITS = {"bitwise_and": "BitwiseAnd", "bitwise_or": "BitwiseOr", "bitwise_xor": "BitwiseXor"}
SHIFTS = {"left_shift": "BitwiseLeftShift", "right_shift": "BitwiseRightShift"}
Function = Callable[..., Value]


def _bitwise(key: str, class_name: str) -> Function:
    def apply(emitter: Emitter, x: Value, y: Value, name: Value = None) -> Value:
        if not holds_runtime(x) and not holds_runtime(y):
            return fold(emitter, getattr(np, key), x, y)
        return _op(emitter, class_name, x, y)

    return apply


def _shift(key: str, class_name: str) -> Function:
    def apply(emitter: Emitter, x: Value, y: Value, name: Value = None) -> Value:
        """By no more bits than the number has, and by none below zero: TensorFlow's kernel says so, JAX does not."""
        most = 8 * np.dtype(dtype_of(x if holds_runtime(x) else y)).itemsize - 1
        if holds_runtime(y):
            count: Value = emitter.op("numpy.Clip", operand(emitter, y, "int32"), config={"x_min": 0, "x_max": most})
        else:
            count = np.clip(np.asarray(y), 0, most)
        if not holds_runtime(x) and not holds_runtime(y):
            return fold(emitter, getattr(np, key), x, count)
        return _op(emitter, class_name, x, count)

    return apply


def _op(emitter: Emitter, class_name: str, x: Value, y: Value) -> Value:
    """The first has the shape of the result: Keras 3 forgets that these broadcast. Numbers become arrays."""
    kind = dtype_of(x if holds_runtime(x) else y)
    first, second = (_array(emitter, value, kind) for value in (x, y))
    if spread(first, second) != shape_of(first):
        zeros = emitter.op("numpy.ZerosLike", second) if isinstance(second, Tensor) else np.zeros_like(second)
        # Not a sum, which TensorFlow's backend of Keras 3 may take for a bias.
        first = elementwise(emitter, "numpy.Subtract", first, zeros)
    return emitter.op(f"numpy.{class_name}", first, second)


def _array(emitter: Emitter, value: Value, kind: str) -> Any:
    found = operand(emitter, value, kind)
    return np.asarray(found, kind) if isinstance(found, int) else found


for _key, _class in BITS.items():
    symbol(f"tf.bitwise.{_key}")(_bitwise(_key, _class))
for _key, _class in SHIFTS.items():
    symbol(f"tf.bitwise.{_key}")(_shift(_key, _class))


@symbol("tf.bitwise.invert")
def invert(emitter: Emitter, x: Value, name: Value = None) -> Value:
    if not holds_runtime(x):
        return fold(emitter, np.invert, x)
    return elementwise(emitter, "numpy.BitwiseInvert", x)
