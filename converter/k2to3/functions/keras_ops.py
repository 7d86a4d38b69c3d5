"""`keras.ops`, for functions that the user gives in place of a Lambda's own."""

from __future__ import annotations

from typing import Any

from k2to3.functions.arguments import static
from k2to3.functions.dtypes import dtype_of, is_float
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family, look_up
from k2to3.functions.families import FUNCTIONS
from k2to3.functions.operands import as_tensor
from k2to3.functions.values import Value, holds_runtime
from k2to3.keras3.graph import Tensor

symbol = Family()

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


def tensorflow(emitter: Emitter, name: str, *args: Value, **kwargs: Value) -> Any:
    """A function of TensorFlow, by its short name."""
    entry = look_up(f"tensorflow.{name}" if "." in name else f"tensorflow.math.{name}", FUNCTIONS)
    assert entry is not None, name
    return entry.call(emitter, args, kwargs, f"keras.ops.{name}")


def _one(name: str, target: str, floating: bool) -> None:
    def apply(emitter: Emitter, x: Value) -> Any:
        if floating and not is_float(dtype_of(x)):
            x = tensorflow(emitter, "cast", x, "float32")
        return tensorflow(emitter, target, x)

    symbol(f"keras.ops.{name}")(apply)


def _two(name: str, target: str) -> None:
    def apply(emitter: Emitter, x1: Value, x2: Value) -> Any:
        _same_dtype(emitter, name, x1, x2)
        return tensorflow(emitter, target, x1, x2)

    symbol(f"keras.ops.{name}")(apply)


def _same_dtype(emitter: Emitter, name: str, x: Value, y: Value) -> None:
    """Keras 3 promotes, Keras 2 does not: what is written must not depend on it."""
    kinds = {v.dtype for v in (x, y) if isinstance(v, Tensor)}
    loose = any(is_float(dtype_of(v)) for v in (x, y) if not holds_runtime(v))
    if len(kinds) > 1 or (loose and kinds and not is_float(next(iter(kinds)))):
        raise emitter.refuse(f"keras.ops.{name} of two dtypes", hint="cast one of them with keras.ops.cast")


def _reduction(name: str) -> None:
    def apply(emitter: Emitter, x: Value, axis: Value = None, keepdims: Value = False) -> Any:
        return tensorflow(emitter, f"reduce_{name}", x, axis, keepdims)

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
    return tensorflow(emitter, "reduce_variance", x, axis, keepdims)


@symbol("keras.ops.norm")
def norm(emitter: Emitter, x: Value, ord: Value = None, axis: Value = None, keepdims: Value = False) -> Any:
    return tensorflow(emitter, "norm", x, "euclidean" if ord is None else ord, axis, keepdims)


def _index(name: str) -> None:
    def apply(emitter: Emitter, x: Value, axis: Value = None, keepdims: Value = False) -> Any:
        if axis is None or keepdims:
            raise emitter.refuse(f"keras.ops.{name} without an axis, or with keepdims")
        return tensorflow(emitter, name, x, axis, "int32")

    symbol(f"keras.ops.{name}")(apply)


_index("argmax")
_index("argmin")


def _cumulative(name: str) -> None:
    def apply(emitter: Emitter, x: Value, axis: Value = None, dtype: Value = None) -> Any:
        if axis is None or dtype is not None:
            raise emitter.refuse(f"keras.ops.{name} without an axis, or with a dtype")
        return tensorflow(emitter, name, x, axis)

    symbol(f"keras.ops.{name}")(apply)


_cumulative("cumsum")
_cumulative("cumprod")


@symbol("keras.ops.cast")
def cast(emitter: Emitter, x: Value, dtype: Value) -> Any:
    return tensorflow(emitter, "cast", x, dtype)


@symbol("keras.ops.convert_to_tensor")
def convert_to_tensor(emitter: Emitter, x: Value, dtype: Value = None) -> Any:
    return tensorflow(emitter, "convert_to_tensor", x, dtype)


@symbol("keras.ops.where")
def where(emitter: Emitter, condition: Value, x1: Value = None, x2: Value = None) -> Any:
    _same_dtype(emitter, "where", x1, x2)
    return tensorflow(emitter, "where", condition, x1, x2)


@symbol("keras.ops.clip")
def clip(emitter: Emitter, x: Value, x_min: Value, x_max: Value) -> Any:
    return tensorflow(emitter, "clip_by_value", x, x_min, x_max)


@symbol("keras.ops.einsum")
def einsum(emitter: Emitter, subscripts: Value, *operands: Value) -> Any:
    return tensorflow(emitter, "einsum", subscripts, *operands)


@symbol("keras.ops.tensordot")
def tensordot(emitter: Emitter, x1: Value, x2: Value, axes: Value = 2) -> Any:
    return tensorflow(emitter, "tensordot", x1, x2, axes)


def _along(name: str) -> None:
    def apply(emitter: Emitter, x: Value, axis: Value = -1) -> Any:
        return tensorflow(emitter, f"nn.{name}", x, axis)

    symbol(f"keras.ops.{name}")(apply)


_along("softmax")
_along("log_softmax")


@symbol("keras.ops.gelu")
def gelu(emitter: Emitter, x: Value, approximate: Value = True) -> Any:
    return tensorflow(emitter, "nn.gelu", x, approximate)


@symbol("keras.ops.leaky_relu")
def leaky_relu(emitter: Emitter, x: Value, negative_slope: Value = 0.2) -> Any:
    return tensorflow(emitter, "nn.leaky_relu", x, negative_slope)


@symbol("keras.ops.elu")
def elu(emitter: Emitter, x: Value, alpha: Value = 1.0) -> Any:
    return emitter.op("nn.Elu", as_tensor(emitter, x), config={"alpha": float(static(emitter, alpha, "alpha"))})


@symbol("keras.ops.hard_sigmoid")
def hard_sigmoid(emitter: Emitter, x: Value) -> Any:
    """Keras 3's own, of slope 1/6; Keras 2's is `K.hard_sigmoid`."""
    return emitter.op("nn.HardSigmoid", as_tensor(emitter, x))
