"""Functions of one tensor, element by element."""

from __future__ import annotations

import numpy as np

from k2to3.functions.arithmetic import add_tensors
from k2to3.functions.conditions import where
from k2to3.functions.dtypes import INTEGERS, dtype_of, is_float
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.operands import elementwise, fold
from k2to3.functions.values import Value, holds_runtime

symbol = Family()

UNARY = {
    "numpy.Absolute": ("tf.math.abs", "K.abs", "np.abs", "np.absolute"),
    "numpy.Negative": ("tf.math.negative", "tf.neg", "np.negative"),
    "numpy.Square": ("tf.math.square", "K.square", "np.square"),
    "numpy.Sqrt": ("tf.math.sqrt", "np.sqrt"),
    "numpy.Exp": ("tf.math.exp", "K.exp", "np.exp"),
    "numpy.Expm1": ("tf.math.expm1", "np.expm1"),
    "numpy.Log": ("tf.math.log", "K.log", "np.log"),
    "numpy.Log1p": ("tf.math.log1p", "np.log1p"),
    "numpy.Log2": ("np.log2",),
    "numpy.Log10": ("np.log10",),
    "numpy.Sin": ("tf.math.sin", "K.sin", "np.sin"),
    "numpy.Cos": ("tf.math.cos", "K.cos", "np.cos"),
    "numpy.Tan": ("tf.math.tan", "np.tan"),
    "numpy.Arcsin": ("tf.math.asin", "np.arcsin"),
    "numpy.Arccos": ("tf.math.acos", "np.arccos"),
    "numpy.Arctan": ("tf.math.atan", "np.arctan"),
    "numpy.Sinh": ("tf.math.sinh", "np.sinh"),
    "numpy.Cosh": ("tf.math.cosh", "np.cosh"),
    "numpy.Tanh": ("tf.math.tanh", "K.tanh", "keras.activations.tanh", "np.tanh"),
    "numpy.Arcsinh": ("tf.math.asinh", "np.arcsinh"),
    "numpy.Arccosh": ("tf.math.acosh", "np.arccosh"),
    "numpy.Arctanh": ("tf.math.atanh", "np.arctanh"),
    "numpy.Sign": ("tf.math.sign", "K.sign", "np.sign"),
    "numpy.Ceil": ("tf.math.ceil", "np.ceil"),
    "numpy.Floor": ("tf.math.floor", "np.floor"),
    "numpy.Reciprocal": ("tf.math.reciprocal", "tf.math.inv", "np.reciprocal"),
    "math.Rsqrt": ("tf.math.rsqrt",),
    "nn.Sigmoid": ("tf.math.sigmoid", "K.sigmoid"),
}
TESTS = {
    "numpy.Isnan": ("tf.math.is_nan", "np.isnan"),
    "numpy.Isinf": ("tf.math.is_inf", "np.isinf"),
    "numpy.Isfinite": ("tf.math.is_finite", "np.isfinite"),
    "numpy.LogicalNot": ("tf.math.logical_not", "np.logical_not"),
}
# On integers Keras 3 gives floats here, and TensorFlow the integer.
KEEP_INTEGERS = frozenset({"numpy.Ceil", "numpy.Floor"})


def _register(target: str, names: tuple[str, ...], dtype: str | None) -> None:
    def apply(emitter: Emitter, x: Value, name: Value = None) -> Value:
        if target in KEEP_INTEGERS and dtype_of(x) in INTEGERS:
            return x
        return elementwise(emitter, target, x, dtype=dtype)

    symbol(*names)(apply)


for _target, _names in UNARY.items():
    _register(_target, _names, None)
for _target, _names in TESTS.items():
    _register(_target, _names, "bool")


@symbol("tf.math.erf")
def erf(emitter: Emitter, x: Value, name: Value = None) -> Value:
    return _only_tensors(emitter, "math.Erf", x)


@symbol("tf.math.erfinv")
def erfinv(emitter: Emitter, x: Value, name: Value = None) -> Value:
    return _only_tensors(emitter, "math.Erfinv", x)


def _only_tensors(emitter: Emitter, target: str, x: Value) -> Value:
    if not holds_runtime(x):
        raise emitter.refuse(f"{target} of a constant")
    return elementwise(emitter, target, x)


@symbol("tf.math.erfc")
def erfc(emitter: Emitter, x: Value, name: Value = None) -> Value:
    return elementwise(emitter, "numpy.Subtract", 1.0, erf(emitter, x))


@symbol("tf.math.erfcinv")
def erfcinv(emitter: Emitter, x: Value, name: Value = None) -> Value:
    return erfinv(emitter, elementwise(emitter, "numpy.Subtract", 1.0, x))


@symbol("tf.math.ndtri")
def ndtri(emitter: Emitter, x: Value, name: Value = None) -> Value:
    doubled = elementwise(emitter, "numpy.Subtract", elementwise(emitter, "numpy.Multiply", x, 2.0), 1.0)
    return elementwise(emitter, "numpy.Multiply", erfinv(emitter, doubled), float(np.sqrt(2)))


@symbol("tf.math.round", "tf.math.rint", "K.round", "np.round", "np.rint")
def rounded(emitter: Emitter, x: Value, name: Value = None) -> Value:
    """Half to even, in Keras 2 and on every backend of Keras 3."""
    if not holds_runtime(x):
        return fold(emitter, np.round, x)
    if dtype_of(x) in INTEGERS:
        return x
    return emitter.op("numpy.Round", x, config={"decimals": 0})


@symbol("tf.math.real", "tf.math.conj", "np.real", "np.conj")
def real(emitter: Emitter, input: Value, name: Value = None) -> Value:
    """A real tensor is its own real part; complex ones do not exist here."""
    return input


@symbol("tf.math.imag", "np.imag")
def imag(emitter: Emitter, input: Value, name: Value = None) -> Value:
    return elementwise(emitter, "numpy.Multiply", input, 0.0)


@symbol("tf.math.squared_difference")
def squared_difference(emitter: Emitter, x: Value, y: Value, name: Value = None) -> Value:
    return elementwise(emitter, "numpy.Square", elementwise(emitter, "numpy.Subtract", x, y))


def _guarded(emitter: Emitter, keep: Value, safe: Value, computed: Value) -> Value:
    """Zero where `keep` is false; `computed` must be finite there, or NaN gradients appear."""
    return where(emitter, keep, computed, elementwise(emitter, "numpy.Multiply", safe, 0.0))


@symbol("tf.math.divide_no_nan", "tf.div_no_nan")
def divide_no_nan(emitter: Emitter, x: Value, y: Value, name: Value = None) -> Value:
    zero = elementwise(emitter, "numpy.Equal", y, 0.0, dtype="bool")
    safe = where(emitter, zero, 1.0, y)
    return where(emitter, zero, 0.0, elementwise(emitter, "numpy.TrueDivide", x, safe))


@symbol("tf.math.multiply_no_nan")
def multiply_no_nan(emitter: Emitter, x: Value, y: Value, name: Value = None) -> Value:
    zero = elementwise(emitter, "numpy.Equal", y, 0.0, dtype="bool")
    return where(emitter, zero, 0.0, elementwise(emitter, "numpy.Multiply", x, y))


@symbol("tf.math.reciprocal_no_nan")
def reciprocal_no_nan(emitter: Emitter, x: Value, name: Value = None) -> Value:
    return divide_no_nan(emitter, 1.0, x)


def _times_if_nonzero(emitter: Emitter, x: Value, factor: Value, inverse: bool = False) -> Value:
    zero = elementwise(emitter, "numpy.Equal", x, 0.0, dtype="bool")
    product = elementwise(emitter, "numpy.TrueDivide" if inverse else "numpy.Multiply", x, factor)
    return where(emitter, zero, 0.0, product)


@symbol("tf.math.xdivy")
def xdivy(emitter: Emitter, x: Value, y: Value, name: Value = None) -> Value:
    return _times_if_nonzero(emitter, x, y, inverse=True)


@symbol("tf.math.xlogy")
def xlogy(emitter: Emitter, x: Value, y: Value, name: Value = None) -> Value:
    return _times_if_nonzero(emitter, x, elementwise(emitter, "numpy.Log", y))


@symbol("tf.math.xlog1py")
def xlog1py(emitter: Emitter, x: Value, y: Value, name: Value = None) -> Value:
    return _times_if_nonzero(emitter, x, elementwise(emitter, "numpy.Log1p", y))


@symbol("tf.truncatediv")
def truncatediv(emitter: Emitter, x: Value, y: Value, name: Value = None) -> Value:
    """Division towards zero."""
    sizes = [elementwise(emitter, "numpy.Absolute", value) for value in (x, y)]
    whole = elementwise(emitter, "numpy.FloorDivide", *sizes)
    signs = [elementwise(emitter, "numpy.Sign", value) for value in (x, y)]
    return elementwise(emitter, "numpy.Multiply", whole, elementwise(emitter, "numpy.Multiply", *signs))


@symbol("tf.truncatemod")
def truncatemod(emitter: Emitter, x: Value, y: Value, name: Value = None) -> Value:
    """The remainder with the sign of `x`."""
    sizes = [elementwise(emitter, "numpy.Absolute", value) for value in (x, y)]
    rest = elementwise(emitter, "numpy.Mod", *sizes)
    return elementwise(emitter, "numpy.Multiply", rest, elementwise(emitter, "numpy.Sign", x))


@symbol("tf.clip_by_value")
def clip_by_value(
    emitter: Emitter, t: Value, clip_value_min: Value, clip_value_max: Value, name: Value = None
) -> Value:
    """Maximum, then Minimum: the order in which TensorFlow clips when the bounds cross."""
    if not any(map(holds_runtime, (clip_value_min, clip_value_max))) and holds_runtime(t):
        bounds = [np.asarray(value) for value in (clip_value_min, clip_value_max) if value is not None]
        if all(b.ndim == 0 for b in bounds) and len(bounds) == 2 and is_float(dtype_of(t)) and bounds[0] <= bounds[1]:
            limits = {"x_min": float(bounds[0]), "x_max": float(bounds[1])}
            return emitter.op("numpy.Clip", t, config=limits)
    found = t if clip_value_min is None else elementwise(emitter, "numpy.Maximum", t, clip_value_min)
    return found if clip_value_max is None else elementwise(emitter, "numpy.Minimum", found, clip_value_max)


@symbol("tf.math.add_n", "tf.math.accumulate_n")
def add_n(
    emitter: Emitter, inputs: Value, shape: Value = None, tensor_dtype: Value = None, name: Value = None
) -> Value:
    items = inputs if isinstance(inputs, (list, tuple)) else [inputs]
    found = items[0]
    for item in items[1:]:
        found = add_tensors(emitter, found, item)
    return found
