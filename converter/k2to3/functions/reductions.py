"""Sums, means and extremes over axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from k2to3.functions.arguments import axes_of, one_axis
from k2to3.functions.casting import cast
from k2to3.functions.conditions import where
from k2to3.functions.dtypes import dtype_of, is_float, numpy_dtype
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.operands import as_tensor, constant_array, elementwise
from k2to3.functions.values import RuntimeInteger, Value, holds_runtime
from k2to3.keras3 import ops
from k2to3.keras3.graph import Tensor

symbol = Family()

NUMPY: dict[str, Any] = {
    "Sum": np.sum,
    "Mean": np.mean,
    "Max": np.max,
    "Min": np.min,
    "Prod": np.prod,
    "All": np.all,
    "Any": np.any,
    "Std": np.std,
    "Var": np.var,
}


def reduce(emitter: Emitter, class_name: str, x: Value, axis: Value, keepdims: Value, dtype: str | None = None) -> Any:
    """One of Keras 3's reductions; constants are folded, vectors of extents multiplied out."""
    keep = bool(keepdims)
    if isinstance(x, (list, tuple, np.ndarray)) and holds_runtime(x):
        x = _runtime_vector(emitter, class_name, x)
        if isinstance(x, RuntimeInteger):
            return x
    if not isinstance(x, Tensor):
        return _fold(emitter, class_name, x, axis, keep, dtype)
    axes = axes_of(emitter, axis, len(x.shape))
    if axes == []:
        return x
    if axes is None and keep:
        # Without axes Keras 3 drops them all the same on PyTorch.
        axes = list(range(len(x.shape)))
    config = {"axis": axes[0] if axes is not None and len(axes) == 1 else axes, "keepdims": keep}
    found, wanted = emitter.op(f"numpy.{class_name}", x, config=config), dtype or x.dtype
    # Keras 3 widens sums of small integers; TensorFlow keeps them.
    return found if is_float(wanted) or wanted in ("bool", "int32", "int64") else ops.cast(emitter, found, wanted)


def _runtime_vector(emitter: Emitter, class_name: str, x: Value) -> Value:
    items = list(x)
    if class_name in ("Prod", "Sum") and not any(isinstance(item, Tensor) for item in items):
        found: Value = items[0]
        for item in items[1:]:
            found = found * item if class_name == "Prod" else found + item
        return found
    return as_tensor(emitter, x)


def _fold(emitter: Emitter, class_name: str, x: Value, axis: Value, keep: bool, dtype: str | None) -> Any:
    array = constant_array(emitter, x)
    axes = axes_of(emitter, axis, array.ndim)
    found = NUMPY[class_name](array, axis=None if axes is None else tuple(axes), keepdims=keep)
    return np.asarray(found).astype(numpy_dtype(dtype or str(array.dtype)))


def _register(class_name: str, dtype: str | None, *names: str) -> None:
    def apply(
        emitter: Emitter, input_tensor: Value, axis: Value = None, keepdims: Value = False, name: Value = None
    ) -> Value:
        return reduce(emitter, class_name, input_tensor, axis, keepdims, dtype)

    symbol(*names)(apply)


_register("Max", None, "tf.math.reduce_max")
_register("Min", None, "tf.math.reduce_min")
_register("Prod", None, "tf.math.reduce_prod")
_register("Sum", None, "tf.math.reduce_sum")
_register("All", "bool", "tf.math.reduce_all")
_register("Any", "bool", "tf.math.reduce_any")


@symbol("tf.math.reduce_mean")
def reduce_mean(
    emitter: Emitter, input_tensor: Value, axis: Value = None, keepdims: Value = False, name: Value = None
) -> Value:
    """TensorFlow truncates the mean of integers."""
    if isinstance(input_tensor, Tensor) and not is_float(input_tensor.dtype):
        raise emitter.refuse("the mean of integers, which TensorFlow truncates", hint="cast to float32 before it")
    return reduce(emitter, "Mean", input_tensor, axis, keepdims)


@symbol("tf.math.reduce_std")
def reduce_std(
    emitter: Emitter, input_tensor: Value, axis: Value = None, keepdims: Value = False, name: Value = None
) -> Value:
    return elementwise(emitter, "numpy.Sqrt", reduce_variance(emitter, input_tensor, axis, keepdims))


@symbol("tf.math.reduce_variance")
def reduce_variance(
    emitter: Emitter, input_tensor: Value, axis: Value = None, keepdims: Value = False, name: Value = None
) -> Value:
    """As TensorFlow computes it: the mean of squared distances to the mean."""
    mean = reduce_mean(emitter, input_tensor, axis, True)
    squares = elementwise(emitter, "numpy.Square", elementwise(emitter, "numpy.Subtract", input_tensor, mean))
    return reduce(emitter, "Mean", squares, axis, keepdims)


@symbol("tf.math.reduce_euclidean_norm")
def reduce_euclidean_norm(
    emitter: Emitter, input_tensor: Value, axis: Value = None, keepdims: Value = False, name: Value = None
) -> Value:
    squares = elementwise(emitter, "numpy.Square", input_tensor)
    return elementwise(emitter, "numpy.Sqrt", reduce(emitter, "Sum", squares, axis, keepdims))


@symbol("tf.math.reduce_logsumexp")
def reduce_logsumexp(
    emitter: Emitter, input_tensor: Value, axis: Value = None, keepdims: Value = False, name: Value = None
) -> Value:
    """Keras 3 has the class only since 3.11."""
    high = reduce(emitter, "Max", input_tensor, axis, True)
    # The maximum of a row without finite values must not turn into NaN.
    finite = elementwise(emitter, "numpy.Isfinite", high, dtype="bool")
    high = where(emitter, finite, high, 0.0)
    powers = elementwise(emitter, "numpy.Exp", elementwise(emitter, "numpy.Subtract", input_tensor, high))
    logs = elementwise(emitter, "numpy.Log", reduce(emitter, "Sum", powers, axis, keepdims))
    if not keepdims:
        high = reduce(emitter, "Sum", high, axis, False)
    return elementwise(emitter, "numpy.Add", logs, high)


@symbol("tf.math.count_nonzero")
def count_nonzero(
    emitter: Emitter,
    input: Value,
    axis: Value = None,
    keepdims: Value = False,
    dtype: Value = "int64",
    name: Value = None,
) -> Value:
    """Keras 3's own class is wrong on PyTorch."""
    counted = elementwise(emitter, "numpy.NotEqual", input, 0, dtype="bool")
    return reduce(emitter, "Sum", cast(emitter, counted, dtype or "int64"), axis, keepdims)


@symbol("tf.nn.moments")
def moments(
    emitter: Emitter, x: Value, axes: Value, shift: Value = None, keepdims: Value = False, name: Value = None
) -> Value:
    mean = reduce_mean(emitter, x, axes, keepdims)
    return [mean, reduce_variance(emitter, x, axes, keepdims)]


@symbol("tf.nn.l2_loss")
def l2_loss(emitter: Emitter, t: Value, name: Value = None) -> Value:
    total = reduce(emitter, "Sum", elementwise(emitter, "numpy.Square", t), None, False)
    return elementwise(emitter, "numpy.Multiply", total, 0.5)


def norm_of(emitter: Emitter, x: Value, order: Value, axis: Value, keepdims: Value) -> Any:
    """Vector norms from elementary ops: Keras 3's own class fails on JAX."""
    if order in ("euclidean", 2, 2.0, "fro"):
        return reduce_euclidean_norm(emitter, x, axis, keepdims)
    size = elementwise(emitter, "numpy.Absolute", x)
    if isinstance(axis, (list, tuple)) and len(axis) == 2:
        raise emitter.refuse(f"the matrix norm of order {order!r}")
    if order == 1:
        return reduce(emitter, "Sum", size, axis, keepdims)
    if order == float("inf") or order in ("inf", "np.inf"):
        return reduce(emitter, "Max", size, axis, keepdims)
    if isinstance(order, (int, float)) and order > 0:
        powers = reduce(emitter, "Sum", elementwise(emitter, "numpy.Power", size, float(order)), axis, keepdims)
        return elementwise(emitter, "numpy.Power", powers, 1.0 / float(order))
    raise emitter.refuse(f"the norm of order {order!r}")


@symbol("tf.norm", "tf.linalg.norm")
def norm(
    emitter: Emitter,
    tensor: Value,
    ord: Value = "euclidean",
    axis: Value = None,
    keepdims: Value = False,
    name: Value = None,
) -> Value:
    return norm_of(emitter, tensor, ord, axis, keepdims)


@symbol("tf.linalg.normalize")
def normalize(
    emitter: Emitter, tensor: Value, ord: Value = "euclidean", axis: Value = None, name: Value = None
) -> Value:
    length = norm_of(emitter, tensor, ord, axis, True)
    return [elementwise(emitter, "numpy.TrueDivide", tensor, length), length]


@symbol("tf.math.l2_normalize")
def l2_normalize(emitter: Emitter, x: Value, axis: Value = None, epsilon: Value = 1e-12, name: Value = None) -> Value:
    """x · rsqrt(max(Σx², ε)), as TensorFlow computes it."""
    total = reduce(emitter, "Sum", elementwise(emitter, "numpy.Square", x), axis, True)
    scale = elementwise(emitter, "math.Rsqrt", elementwise(emitter, "numpy.Maximum", total, epsilon))
    return elementwise(emitter, "numpy.Multiply", x, scale)


@symbol("tf.clip_by_norm")
def clip_by_norm(emitter: Emitter, t: Value, clip_norm: Value, axes: Value = None, name: Value = None) -> Value:
    total = reduce(emitter, "Sum", elementwise(emitter, "numpy.Square", t), axes, True)
    positive = elementwise(emitter, "numpy.Greater", total, 0.0, dtype="bool")
    length = elementwise(emitter, "numpy.Sqrt", where(emitter, positive, total, 1.0))
    length = where(emitter, positive, length, total)
    limit = elementwise(emitter, "numpy.Maximum", length, clip_norm)
    return elementwise(emitter, "numpy.TrueDivide", elementwise(emitter, "numpy.Multiply", t, clip_norm), limit)


def _cumulative(class_name: str, neutral: float, *names: str) -> Callable[..., Any]:
    def apply(
        emitter: Emitter,
        x: Value,
        axis: Value = 0,
        exclusive: Value = False,
        reverse: Value = False,
        name: Value = None,
    ) -> Value:
        tensor = as_tensor(emitter, x)
        along = one_axis(emitter, axis, len(tensor.shape))
        turned = flip(emitter, tensor, along) if reverse else tensor
        if exclusive:
            turned = _shifted(emitter, turned, along, neutral)
        found = emitter.op(f"numpy.{class_name}", turned, config={"axis": along})
        return flip(emitter, found, along) if reverse else found

    return symbol(*names)(apply)


def flip(emitter: Emitter, tensor: Tensor, axis: int) -> Tensor:
    return emitter.op("numpy.Flip", tensor, config={"axis": axis})


def _shifted(emitter: Emitter, tensor: Tensor, axis: int, neutral: float) -> Tensor:
    """One step along the axis, with the neutral element in front."""
    rank = len(tensor.shape)
    head: list[Any] = [slice(None)] * rank
    head[axis] = slice(None, -1)
    extent = tensor.shape[axis]
    kept = emitter.op("numpy.GetItem", tensor, head)
    width = [[1, 0] if i == axis else [0, 0] for i in range(rank)]
    value = neutral if is_float(dtype_of(tensor)) else int(neutral)
    assert extent is None or extent > 0
    return emitter.op(
        "numpy.Pad",
        kept,
        config={"pad_width": width, "mode": "constant"},
        kwargs={"constant_values": value},
    )


cumsum = _cumulative("Cumsum", 0.0, "tf.math.cumsum")
cumprod = _cumulative("Cumprod", 1.0, "tf.math.cumprod")
