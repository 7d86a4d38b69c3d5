"""`keras.ops`, for functions that the user gives in place of a Lambda's own."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.functions.dtypes import dtype_of, is_float
from k2to3.functions.emitter import Emitter
from k2to3.functions.operands import as_tensor, integers, static
from k2to3.functions.registry import find, symbol
from k2to3.functions.values import Value, holds_runtime
from k2to3.keras3.graph import Tensor

# fmt: off
# Functions of one float: Keras 3 casts integers to floats first.
FLOATING = {
    "sqrt": "sqrt", "exp": "exp", "expm1": "expm1", "log": "log", "log1p": "log1p", "sin": "sin", "cos": "cos",
    "tan": "tan", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "sinh": "sinh", "cosh": "cosh",
    "tanh": "tanh", "arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh", "reciprocal": "reciprocal",
    "rsqrt": "rsqrt", "erf": "erf", "erfinv": "erfinv", "sigmoid": "sigmoid", "softplus": "softplus",
    "softsign": "nn.softsign", "selu": "nn.selu", "silu": "nn.silu", "swish": "nn.silu", "log_sigmoid": "log_sigmoid",
}
SIMPLE = {
    "abs": "abs", "absolute": "abs", "negative": "negative", "square": "square", "sign": "sign", "ceil": "ceil",
    "floor": "floor", "round": "round", "isnan": "is_nan", "isinf": "is_inf", "isfinite": "is_finite",
    "logical_not": "logical_not", "relu": "nn.relu", "relu6": "nn.relu6", "zeros_like": "zeros_like",
    "ones_like": "ones_like", "stop_gradient": "stop_gradient", "shape": "shape", "conj": "conj", "real": "real",
}
BINARY = {
    "add": "add", "subtract": "subtract", "multiply": "multiply", "divide": "truediv", "true_divide": "truediv",
    "floor_divide": "floordiv", "mod": "floormod", "power": "pow", "maximum": "maximum", "minimum": "minimum",
    "arctan2": "atan2", "greater": "greater", "greater_equal": "greater_equal", "less": "less",
    "less_equal": "less_equal", "equal": "equal", "not_equal": "not_equal", "logical_and": "logical_and",
    "logical_or": "logical_or", "logical_xor": "logical_xor", "matmul": "linalg.matmul",
}
REDUCTIONS = ("sum", "mean", "max", "min", "prod", "any", "all", "std", "logsumexp")
# fmt: on


def call(emitter: Emitter, name: str, *args: Value, **kwargs: Value) -> Any:
    """A function of TensorFlow, by its short name."""
    entry = find(f"tensorflow.{name}" if "." in name else f"tensorflow.math.{name}")
    assert entry is not None, name
    return entry.call(emitter, args, kwargs, f"keras.ops.{name}")


def _one(name: str, target: str, floating: bool) -> None:
    def apply(emitter: Emitter, x: Value) -> Any:
        if floating and not is_float(dtype_of(x)):
            x = call(emitter, "cast", x, "float32")
        return call(emitter, target, x)

    symbol(f"keras.ops.{name}")(apply)


def _two(name: str, target: str) -> None:
    def apply(emitter: Emitter, x1: Value, x2: Value) -> Any:
        _same_dtype(emitter, name, x1, x2)
        return call(emitter, target, x1, x2)

    symbol(f"keras.ops.{name}")(apply)


def _same_dtype(emitter: Emitter, name: str, x: Value, y: Value) -> None:
    """Keras 3 promotes, Keras 2 does not: what is written must not depend on it."""
    kinds = {v.dtype for v in (x, y) if isinstance(v, Tensor)}
    loose = any(is_float(dtype_of(v)) for v in (x, y) if not holds_runtime(v))
    if len(kinds) > 1 or (loose and kinds and not is_float(next(iter(kinds)))):
        raise emitter.refuse(f"keras.ops.{name} of two dtypes", hint="cast one of them with keras.ops.cast")


def _reduction(name: str) -> None:
    def apply(emitter: Emitter, x: Value, axis: Value = None, keepdims: Value = False) -> Any:
        return call(emitter, f"reduce_{name}", x, axis, keepdims)

    symbol(f"keras.ops.{name}")(apply)


for _name, _target in FLOATING.items():
    _one(_name, _target, True)
for _name, _target in SIMPLE.items():
    _one(_name, _target, False)
for _name, _target in BINARY.items():
    _two(_name, _target)
for _name in REDUCTIONS:
    _reduction(_name)


@symbol("keras.ops.var")
def var(emitter: Emitter, x: Value, axis: Value = None, keepdims: Value = False) -> Any:
    return call(emitter, "reduce_variance", x, axis, keepdims)


@symbol("keras.ops.norm")
def norm(emitter: Emitter, x: Value, ord: Value = None, axis: Value = None, keepdims: Value = False) -> Any:
    return call(emitter, "norm", x, "euclidean" if ord is None else ord, axis, keepdims)


def _index(name: str) -> None:
    def apply(emitter: Emitter, x: Value, axis: Value = None, keepdims: Value = False) -> Any:
        if axis is None or keepdims:
            raise emitter.refuse(f"keras.ops.{name} without an axis, or with keepdims")
        return call(emitter, name, x, axis, "int32")

    symbol(f"keras.ops.{name}")(apply)


_index("argmax")
_index("argmin")


def _cumulative(name: str) -> None:
    def apply(emitter: Emitter, x: Value, axis: Value = None, dtype: Value = None) -> Any:
        if axis is None or dtype is not None:
            raise emitter.refuse(f"keras.ops.{name} without an axis, or with a dtype")
        return call(emitter, name, x, axis)

    symbol(f"keras.ops.{name}")(apply)


_cumulative("cumsum")
_cumulative("cumprod")


@symbol("keras.ops.reshape")
def reshape(emitter: Emitter, x: Value, newshape: Value) -> Any:
    return call(emitter, "reshape", x, newshape)


@symbol("keras.ops.transpose")
def transpose(emitter: Emitter, x: Value, axes: Value = None) -> Any:
    return call(emitter, "transpose", x, axes)


@symbol("keras.ops.swapaxes")
def swapaxes(emitter: Emitter, x: Value, axis1: Value, axis2: Value) -> Any:
    rank = len(as_tensor(emitter, x).shape)
    order = list(range(rank))
    first, second = (n % rank for n in integers(emitter, [axis1, axis2], "axes"))
    order[first], order[second] = order[second], order[first]
    return call(emitter, "transpose", x, order)


@symbol("keras.ops.expand_dims")
def expand_dims(emitter: Emitter, x: Value, axis: Value) -> Any:
    return call(emitter, "expand_dims", x, axis)


@symbol("keras.ops.squeeze")
def squeeze(emitter: Emitter, x: Value, axis: Value = None) -> Any:
    return call(emitter, "squeeze", x, axis)


@symbol("keras.ops.concatenate")
def concatenate(emitter: Emitter, xs: Value, axis: Value = 0) -> Any:
    return call(emitter, "concat", xs, axis)


@symbol("keras.ops.stack")
def stack(emitter: Emitter, x: Value, axis: Value = 0) -> Any:
    return call(emitter, "stack", x, axis)


@symbol("keras.ops.unstack")
def unstack(emitter: Emitter, x: Value, num: Value = None, axis: Value = 0) -> Any:
    return call(emitter, "unstack", x, num, axis)


@symbol("keras.ops.split")
def split(emitter: Emitter, x: Value, indices_or_sections: Value, axis: Value = 0) -> Any:
    """Cuts by where they lie; TensorFlow counts sizes."""
    cuts = static(emitter, indices_or_sections, "indices_or_sections")
    if isinstance(cuts, int):
        return call(emitter, "split", x, cuts, axis)
    sizes = [int(n) for n in np.diff([0, *cuts])]
    return call(emitter, "split", x, [*sizes, -1], axis)


@symbol("keras.ops.tile")
def tile(emitter: Emitter, x: Value, repeats: Value) -> Any:
    return call(emitter, "tile", x, repeats)


@symbol("keras.ops.repeat")
def repeat(emitter: Emitter, x: Value, repeats: Value, axis: Value = None) -> Any:
    return call(emitter, "repeat", x, repeats, axis)


@symbol("keras.ops.flip")
def flip(emitter: Emitter, x: Value, axis: Value = None) -> Any:
    rank = len(as_tensor(emitter, x).shape)
    return call(emitter, "reverse", x, list(range(rank)) if axis is None else axis)


@symbol("keras.ops.roll")
def roll(emitter: Emitter, x: Value, shift: Value, axis: Value = None) -> Any:
    if axis is None:
        raise emitter.refuse("keras.ops.roll without an axis")
    return call(emitter, "roll", x, shift, axis)


@symbol("keras.ops.pad")
def pad(emitter: Emitter, x: Value, pad_width: Value, mode: Value = "constant", constant_values: Value = None) -> Any:
    width = static(emitter, pad_width, "pad_width")
    if not isinstance(width, list) or not all(isinstance(item, list) and len(item) == 2 for item in width):
        raise emitter.refuse("keras.ops.pad with anything but a pair of widths for each axis")
    return call(emitter, "pad", x, width, mode, constant_values or 0)


@symbol("keras.ops.cast")
def cast(emitter: Emitter, x: Value, dtype: Value) -> Any:
    return call(emitter, "cast", x, dtype)


@symbol("keras.ops.convert_to_tensor")
def convert_to_tensor(emitter: Emitter, x: Value, dtype: Value = None) -> Any:
    return call(emitter, "convert_to_tensor", x, dtype)


@symbol("keras.ops.where")
def where(emitter: Emitter, condition: Value, x1: Value = None, x2: Value = None) -> Any:
    _same_dtype(emitter, "where", x1, x2)
    return call(emitter, "where", condition, x1, x2)


@symbol("keras.ops.take")
def take(emitter: Emitter, x: Value, indices: Value, axis: Value = None) -> Any:
    if axis is None:
        raise emitter.refuse("keras.ops.take without an axis")
    return call(emitter, "gather", x, indices, axis=axis)


@symbol("keras.ops.one_hot")
def one_hot(emitter: Emitter, x: Value, num_classes: Value, axis: Value = -1, dtype: Value = None) -> Any:
    return call(emitter, "one_hot", x, num_classes, axis=axis, dtype=dtype or "float32")


@symbol("keras.ops.clip")
def clip(emitter: Emitter, x: Value, x_min: Value, x_max: Value) -> Any:
    return call(emitter, "clip_by_value", x, x_min, x_max)


@symbol("keras.ops.top_k")
def top_k(emitter: Emitter, x: Value, k: Value, sorted: Value = True) -> Any:
    return call(emitter, "top_k", x, k)


@symbol("keras.ops.sort")
def sort(emitter: Emitter, x: Value, axis: Value = -1) -> Any:
    return call(emitter, "sort", x, axis)


@symbol("keras.ops.argsort")
def argsort(emitter: Emitter, x: Value, axis: Value = -1) -> Any:
    return call(emitter, "argsort", x, axis)


@symbol("keras.ops.broadcast_to")
def broadcast_to(emitter: Emitter, x: Value, shape: Value) -> Any:
    return call(emitter, "broadcast_to", x, shape)


@symbol("keras.ops.einsum")
def einsum(emitter: Emitter, subscripts: Value, *operands: Value) -> Any:
    return call(emitter, "einsum", subscripts, *operands)


@symbol("keras.ops.tensordot")
def tensordot(emitter: Emitter, x1: Value, x2: Value, axes: Value = 2) -> Any:
    return call(emitter, "tensordot", x1, x2, axes)


@symbol("keras.ops.zeros")
def zeros(emitter: Emitter, shape: Value, dtype: Value = None) -> Any:
    return call(emitter, "zeros", shape, dtype or "float32")


@symbol("keras.ops.ones")
def ones(emitter: Emitter, shape: Value, dtype: Value = None) -> Any:
    return call(emitter, "ones", shape, dtype or "float32")


@symbol("keras.ops.arange")
def arange(emitter: Emitter, start: Value, stop: Value = None, step: Value = 1, dtype: Value = None) -> Any:
    first, last = (0, start) if stop is None else (start, stop)
    return call(emitter, "range", first, last, step, dtype)


def _along(name: str) -> None:
    def apply(emitter: Emitter, x: Value, axis: Value = -1) -> Any:
        return call(emitter, f"nn.{name}", x, axis)

    symbol(f"keras.ops.{name}")(apply)


_along("softmax")
_along("log_softmax")


@symbol("keras.ops.gelu")
def gelu(emitter: Emitter, x: Value, approximate: Value = True) -> Any:
    return call(emitter, "nn.gelu", x, approximate)


@symbol("keras.ops.leaky_relu")
def leaky_relu(emitter: Emitter, x: Value, negative_slope: Value = 0.2) -> Any:
    return call(emitter, "nn.leaky_relu", x, negative_slope)


@symbol("keras.ops.elu")
def elu(emitter: Emitter, x: Value, alpha: Value = 1.0) -> Any:
    return emitter.op("nn.Elu", as_tensor(emitter, x), config={"alpha": float(static(emitter, alpha, "alpha"))})


@symbol("keras.ops.hard_sigmoid")
def hard_sigmoid(emitter: Emitter, x: Value) -> Any:
    """Keras 3's own, of slope 1/6; Keras 2's is `K.hard_sigmoid`."""
    return emitter.op("nn.HardSigmoid", as_tensor(emitter, x))


@symbol("keras.ops.ndim")
def ndim(emitter: Emitter, x: Value) -> Any:
    return len(as_tensor(emitter, x).shape)
