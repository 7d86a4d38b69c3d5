"""Complex tensors as their two real parts, until something real comes of them.

Keras 3's own transforms take and give such pairs. A complex tensor is no output of a
layer there, so what stays complex at the end of a model is refused.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.functions.arithmetic import add_tensors
from k2to3.functions.casting import cast as cast_real
from k2to3.functions.complex_parts import parts
from k2to3.functions.conditions import where
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.operands import elementwise
from k2to3.functions.values import Complex, Value, holds_runtime

symbol = Family()
complex_symbol = Family()


@symbol("tf.complex", "tf.dtypes.complex")
def make(emitter: Emitter, real: Value, imag: Value, name: Value = None) -> Any:
    if not holds_runtime(real) and not holds_runtime(imag):
        return np.asarray(real) + 1j * np.asarray(imag)
    first = real if holds_runtime(real) else imag
    zeros = elementwise(emitter, "numpy.Multiply", first, 0.0)
    pair = [v if holds_runtime(v) else elementwise(emitter, "numpy.Add", zeros, v) for v in (real, imag)]
    if pair[0].shape != pair[1].shape:
        raise emitter.refuse("a complex tensor of parts with different shapes")
    return Complex(*pair)


def _plus(emitter: Emitter, x: Value, y: Value) -> Value:
    return add_tensors(emitter, x, y)


def _minus(emitter: Emitter, x: Value, y: Value) -> Value:
    return elementwise(emitter, "numpy.Subtract", x, y)


def _times(emitter: Emitter, x: Value, y: Value) -> Value:
    return elementwise(emitter, "numpy.Multiply", x, y)


@complex_symbol("tf.math.add", "tf.__operators__.add", "operator.add")
def add(emitter: Emitter, x: Value, y: Value, name: Value = None) -> Complex:
    (a, b), (c, d) = parts(x), parts(y)
    return Complex(_plus(emitter, a, c), _plus(emitter, b, d))


@complex_symbol("tf.math.subtract", "operator.sub")
def subtract(emitter: Emitter, x: Value, y: Value, name: Value = None) -> Complex:
    (a, b), (c, d) = parts(x), parts(y)
    return Complex(_minus(emitter, a, c), _minus(emitter, b, d))


@complex_symbol("tf.math.multiply", "operator.mul")
def multiply(emitter: Emitter, x: Value, y: Value, name: Value = None) -> Complex:
    (a, b), (c, d) = parts(x), parts(y)
    if not isinstance(y, Complex) and isinstance(d, float) and d == 0:
        return Complex(_times(emitter, a, c), _times(emitter, b, c))
    if not isinstance(x, Complex) and isinstance(b, float) and b == 0:
        return Complex(_times(emitter, c, a), _times(emitter, d, a))
    real = _minus(emitter, _times(emitter, a, c), _times(emitter, b, d))
    return Complex(real, _plus(emitter, _times(emitter, a, d), _times(emitter, b, c)))


@complex_symbol("tf.math.truediv", "tf.math.divide", "operator.truediv")
def divide(emitter: Emitter, x: Value, y: Value, name: Value = None) -> Complex:
    if isinstance(y, Complex):
        raise emitter.refuse("division by a complex tensor")
    c, d = parts(y)
    if isinstance(d, float) and d == 0 and isinstance(x, Complex):
        return Complex(*(elementwise(emitter, "numpy.TrueDivide", part, c) for part in parts(x)))
    raise emitter.refuse("division by a complex number")


@complex_symbol("tf.math.conj", "np.conj")
def conj(emitter: Emitter, x: Value, name: Value = None) -> Complex:
    real, imag = parts(x)
    return Complex(real, elementwise(emitter, "numpy.Negative", imag))


@complex_symbol("tf.math.real", "np.real")
def real(emitter: Emitter, input: Value, name: Value = None) -> Value:
    return parts(input)[0]


@complex_symbol("tf.math.imag", "np.imag")
def imag(emitter: Emitter, input: Value, name: Value = None) -> Value:
    return parts(input)[1]


def squared_size(emitter: Emitter, x: Complex) -> Value:
    return _plus(emitter, *(elementwise(emitter, "numpy.Square", part) for part in parts(x)))


@complex_symbol("tf.math.abs", "tf.raw_ops.ComplexAbs", "K.abs", "np.abs", "builtins.abs", "operator.abs")
def size(emitter: Emitter, x: Value, name: Value = None) -> Value:
    return elementwise(emitter, "numpy.Sqrt", squared_size(emitter, x))


@complex_symbol("tf.math.angle", "np.angle")
def angle(emitter: Emitter, input: Value, name: Value = None) -> Value:
    real_part, imaginary = parts(input)
    return elementwise(emitter, "numpy.Arctan2", imaginary, real_part)


@symbol("tf.math.angle")
def angle_of_real(emitter: Emitter, input: Value, name: Value = None) -> Value:
    """0 for what is positive, π for what is negative."""
    negative = elementwise(emitter, "numpy.Less", input, 0, dtype="bool")
    zeros = elementwise(emitter, "numpy.Multiply", input, 0)
    return where(emitter, negative, np.pi, zeros)


@complex_symbol("tf.cast", "K.cast")
def cast(emitter: Emitter, x: Value, dtype: Value, name: Value = None) -> Value:
    """To a real dtype only the real part is left."""
    if "complex" in str(dtype):
        return x

    return cast_real(emitter, parts(x)[0], dtype)


@complex_symbol("tf.concat", "tf.stack")
def _joined(emitter: Emitter, values: Value, axis: Value = -1, name: Value = None) -> Value:
    raise emitter.refuse("complex tensors are joined; join their parts instead")
