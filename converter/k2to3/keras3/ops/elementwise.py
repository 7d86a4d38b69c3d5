"""Ops that work element by element."""

from __future__ import annotations

from k2to3.keras3.ops.values import Infer, Specs, Value, common, floating, kind_of, shape_of, spread
from k2to3.keras3.promotion import result_type
from k2to3.keras3.tensor import Builder, Tensor
from k2to3.keras3.types import Spec


def same(x: Value, **settings: Value) -> Spec:
    return shape_of(x), common(x)


def widened(x: Value, **settings: Value) -> Spec:
    """Truth values become numbers."""
    return shape_of(x), result_type(kind_of(x), "int") if kind_of(x) == "bool" else common(x)


def fractional(*values: Value) -> Spec:
    return spread(*values), floating(*values)


def combined(*values: Value) -> Spec:
    return spread(*values), common(*values)


def bits(x: Value, y: Value) -> Spec:
    """Keras 3 says the shape of the first, though what runs is broadcast; numbers it takes in arrays alone."""
    return shape_of(x), kind_of(x) if isinstance(y, (int, float)) else common(x, y)


def remainder(x: Value, y: Value) -> Spec:
    dtype = common(x, y)
    return spread(x, y), "int32" if dtype == "bool" else dtype


def angle(x: Value, y: Value) -> Spec:
    """Python's numbers count as float32 here, not as numbers of any width."""
    kinds = ("float32" if isinstance(value, (int, float)) else kind_of(value) for value in (x, y))
    return spread(x, y), result_type(*kinds, "float")


def compared(*values: Value) -> Spec:
    return spread(*values), "bool"


def cast_to(x: Value, *, dtype: str) -> Spec:
    return shape_of(x), dtype


def padded(x: Value, *, ragged: bool) -> Spec:
    """A ragged tensor becomes a dense one, with zeros behind the shorter rows."""
    return shape_of(x), common(x)


def like(x: Value, *, dtype: str | None = None) -> Spec:
    return shape_of(x), dtype or common(x)


def chosen(condition: Value, first: Value, second: Value) -> Spec:
    return spread(condition, first, second), common(first, second)


def _all(infer: Infer, module: str, names: str) -> Specs:
    return {f"{module}.{name}": infer for name in names.split()}


SPECS: Specs = {
    **_all(same, "numpy", "Absolute BitwiseInvert Negative Reciprocal Round Sign"),
    **_all(widened, "numpy", "Clip Square"),
    **_all(
        same,
        "nn",
        "Elu Gelu HardSigmoid LeakyRelu LogSigmoid LogSoftmax Relu Relu6 Selu Sigmoid Silu Softmax Softplus Softsign",
    ),
    **_all(same, "math", "Erf Erfinv Rsqrt"),
    **_all(
        fractional,
        "numpy",
        "Arccos Arccosh Arcsin Arcsinh Arctan Arctanh Ceil Cos Cosh Divide Exp Expm1 Floor Log Log10 Log1p "
        "Log2 Sin Sinh Sqrt Tan Tanh TrueDivide",
    ),
    **_all(combined, "numpy", "Add FloorDivide Maximum Minimum Multiply Power Subtract"),
    **_all(bits, "numpy", "BitwiseAnd BitwiseLeftShift BitwiseOr BitwiseRightShift BitwiseXor"),
    **_all(
        compared,
        "numpy",
        "Equal Greater GreaterEqual Isfinite Isinf Isnan Less LessEqual LogicalAnd LogicalNot LogicalOr LogicalXor "
        "NotEqual",
    ),
    **_all(like, "numpy", "OnesLike ZerosLike"),
    "core.Cast": cast_to,
    "core.ConvertToTensor": padded,
    "numpy.Arctan2": angle,
    "numpy.Mod": remainder,
    "numpy.Where": chosen,
}


def add(graph: Builder, x: Value, y: Value, name: str | None = None) -> Tensor:
    return graph.op("numpy.Add", x, y, name=name)


def subtract(graph: Builder, x: Value, y: Value, name: str | None = None) -> Tensor:
    return graph.op("numpy.Subtract", x, y, name=name)


def multiply(graph: Builder, x: Value, y: Value, name: str | None = None) -> Tensor:
    return graph.op("numpy.Multiply", x, y, name=name)


def divide(graph: Builder, x: Value, y: Value, name: str | None = None) -> Tensor:
    return graph.op("numpy.Divide", x, y, name=name)


def true_divide(graph: Builder, x: Value, y: Value, name: str | None = None) -> Tensor:
    return graph.op("numpy.TrueDivide", x, y, name=name)


def maximum(graph: Builder, x: Value, y: Value, name: str | None = None) -> Tensor:
    return graph.op("numpy.Maximum", x, y, name=name)


def equal(graph: Builder, x: Value, y: Value, name: str | None = None) -> Tensor:
    return graph.op("numpy.Equal", x, y, name=name)


def not_equal(graph: Builder, x: Value, y: Value, name: str | None = None) -> Tensor:
    return graph.op("numpy.NotEqual", x, y, name=name)


def greater(graph: Builder, x: Value, y: Value, name: str | None = None) -> Tensor:
    return graph.op("numpy.Greater", x, y, name=name)


def greater_equal(graph: Builder, x: Value, y: Value, name: str | None = None) -> Tensor:
    return graph.op("numpy.GreaterEqual", x, y, name=name)


def logical_and(graph: Builder, x: Value, y: Value, name: str | None = None) -> Tensor:
    return graph.op("numpy.LogicalAnd", x, y, name=name)


def where(graph: Builder, condition: Value, x: Value, y: Value, name: str | None = None) -> Tensor:
    return graph.op("numpy.Where", condition, x, y, name=name)


def cast(graph: Builder, x: Tensor, dtype: str, name: str | None = None) -> Tensor:
    return graph.op("core.Cast", x, config={"dtype": dtype}, name=name)


def without_gaps(graph: Builder, x: Tensor, name: str | None = None) -> Tensor:
    """A dense tensor of a ragged one, with zeros behind the shorter rows; Keras 3.11 and later."""
    return graph.op("core.ConvertToTensor", x, config={"ragged": False}, name=name)


def zeros_like(graph: Builder, x: Tensor, name: str | None = None) -> Tensor:
    return graph.op("numpy.ZerosLike", x, name=name)


def ones_like(graph: Builder, x: Tensor, name: str | None = None) -> Tensor:
    return graph.op("numpy.OnesLike", x, name=name)


def square(graph: Builder, x: Tensor, name: str | None = None) -> Tensor:
    return graph.op("numpy.Square", x, name=name)


def sqrt(graph: Builder, x: Tensor, name: str | None = None) -> Tensor:
    return graph.op("numpy.Sqrt", x, name=name)


def exp(graph: Builder, x: Tensor, name: str | None = None) -> Tensor:
    return graph.op("numpy.Exp", x, name=name)


def cos(graph: Builder, x: Tensor, name: str | None = None) -> Tensor:
    return graph.op("numpy.Cos", x, name=name)


def tanh(graph: Builder, x: Tensor, name: str | None = None) -> Tensor:
    return graph.op("numpy.Tanh", x, name=name)


def relu6(graph: Builder, x: Tensor, name: str | None = None) -> Tensor:
    return graph.op("nn.Relu6", x, name=name)
