"""`keras.backend`: what Keras 2's own functions compute, argument for argument; settings, creation, products."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from k2to3.functions import arithmetic, casting, conditions, creation, elementary, nn, shapes, shaping
from k2to3.functions.arguments import integer, one_axis, static
from k2to3.functions.batch_dot import differs, multiplied, multiplies
from k2to3.functions.dtypes import dtype_name, dtype_of, numpy_dtype
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.linalg import einsum, product
from k2to3.functions.operands import constant_array, elementwise, shape_of
from k2to3.functions.values import Value, holds_runtime
from k2to3.keras3.graph import Tensor

symbol = Family()


@symbol("K.sqrt")
def sqrt(emitter: Emitter, x: Value) -> Any:
    """Keras 2 clips at zero before the root."""
    return elementwise(emitter, "numpy.Sqrt", elementwise(emitter, "numpy.Maximum", x, 0.0))


@symbol("K.pow")
def power(emitter: Emitter, x: Value, a: Value) -> Any:
    return arithmetic.power(emitter, x, a)


@symbol("K.maximum")
def maximum(emitter: Emitter, x: Value, y: Value) -> Any:
    return arithmetic.maximum(emitter, x, y)


@symbol("K.minimum")
def minimum(emitter: Emitter, x: Value, y: Value) -> Any:
    return arithmetic.minimum(emitter, x, y)


@symbol("K.clip")
def clip(emitter: Emitter, x: Value, min_value: Value = None, max_value: Value = None) -> Any:
    """A maximum below the minimum is raised to it."""
    low = -np.inf if min_value is None else min_value
    high = np.inf if max_value is None else max_value
    if not holds_runtime([low, high]) and np.ndim(low) == np.ndim(high) == 0 and high < low:
        high = low
    return elementary.clip_by_value(emitter, x, low, high)


@symbol("K.epsilon")
def epsilon(emitter: Emitter) -> Any:
    return 1e-7


@symbol("K.floatx")
def floatx(emitter: Emitter) -> Any:
    return "float32"


@symbol("K.image_data_format", "K.image_dim_ordering")
def image_data_format(emitter: Emitter) -> Any:
    """The setting of the process that saved the file is not in the file; this is the default."""
    return "channels_last"


@symbol("K.backend")
def backend_name(emitter: Emitter) -> Any:
    return emitter.writer.backend or "tensorflow"


@symbol("K.cast_to_floatx")
def cast_to_floatx(emitter: Emitter, x: Value) -> Any:
    return casting.cast(emitter, x, "float32")


@symbol("K.int_shape")
def int_shape(emitter: Emitter, x: Value) -> Any:
    return tuple(shape_of(x))


@symbol("K.ndim")
def ndim(emitter: Emitter, x: Value) -> Any:
    return len(shape_of(x))


@symbol("K.dtype")
def dtype(emitter: Emitter, x: Value) -> Any:
    return dtype_of(x)


@symbol("K.is_tensor", "K.is_keras_tensor", "tf.is_tensor")
def is_tensor(emitter: Emitter, x: Value) -> Any:
    return isinstance(x, Tensor)


@symbol("K.stop_gradient", "K.identity")
def identity(emitter: Emitter, x: Value, name: Value = None) -> Any:
    return x


@symbol("K.print_tensor")
def print_tensor(emitter: Emitter, x: Value, message: Value = "", summarize: Value = 3) -> Any:
    emitter.note("dropped", "a print of its values")
    return x


@symbol("K.constant", "K.variable")
def constant(emitter: Emitter, value: Value, dtype: Value = None, shape: Value = None, name: Value = None) -> Any:
    """TensorFlow 1 repeats the last value until the shape is full."""
    array = constant_array(emitter, value, dtype_name(emitter, dtype or "float32"))
    if shape is None:
        return array
    extents = np.atleast_1d(static(emitter, shape, "shape")).tolist()
    missing = prod(extents) - array.size
    second = not emitter.writer.standalone and emitter.writer.releases[0] >= (2,)
    if missing < 0 or (missing and array.size != 1 and second):
        raise emitter.refuse("a constant whose values do not fill its shape")
    return np.concatenate([array.ravel(), np.repeat(array.ravel()[-1:], missing)]).reshape(extents)


@symbol("K.zeros")
def zeros(emitter: Emitter, shape: Value, dtype: Value = None, name: Value = None) -> Any:
    return creation.zeros(emitter, shape, dtype)


@symbol("K.ones")
def ones(emitter: Emitter, shape: Value, dtype: Value = None, name: Value = None) -> Any:
    return creation.ones(emitter, shape, dtype)


def _dtype_like(emitter: Emitter, dtype: Value) -> Value:
    """None for that of the tensor; multi-backend Keras took `floatx` from 2.2.5 on."""
    writer = emitter.writer
    return "float32" if dtype is None and writer.standalone and not writer.before(2, 2, 5) else dtype


@symbol("K.zeros_like")
def zeros_like(emitter: Emitter, x: Value, dtype: Value = None, name: Value = None) -> Any:
    return creation.zeros_like(emitter, x, _dtype_like(emitter, dtype))


@symbol("K.ones_like")
def ones_like(emitter: Emitter, x: Value, dtype: Value = None, name: Value = None) -> Any:
    return creation.ones_like(emitter, x, _dtype_like(emitter, dtype))


@symbol("K.eye")
def eye(emitter: Emitter, size: Value, dtype: Value = None, name: Value = None) -> Any:
    return np.eye(integer(emitter, size, "size"), dtype=numpy_dtype(dtype_name(emitter, dtype or "float32")))


@symbol("K.arange")
def arange(emitter: Emitter, start: Value, stop: Value = None, step: Value = 1, dtype: Value = "int32") -> Any:
    return creation.range_of(emitter, start, stop, step, dtype)


@symbol("K.bias_add")
def bias_add(emitter: Emitter, x: Value, bias: Value, data_format: Value = None) -> Any:
    return nn.bias_add(emitter, x, bias, data_format)


@symbol("K.dot")
def dot(emitter: Emitter, x: Value, y: Value) -> Any:
    """The last axis of x with the second to last of y; all other axes stay apart."""
    first, second = len(shape_of(x)), len(shape_of(y))
    if first <= 2 and second <= 2:
        return product(emitter, x, y)
    letters = "abcdefghijklmnopqrstuvwxyz"
    left, right = list(letters[:first]), list(letters[first : first + second])
    right[-2 if second > 1 else 0] = left[-1]
    kept = left[:-1] + [x for x in right if x != left[-1]]
    return einsum(emitter, f"{''.join(left)},{''.join(right)}->{''.join(kept)}", x, y)


def _pair(emitter: Emitter, axes: Value) -> tuple[int, int]:
    first, second = (axes, axes) if isinstance(axes, int) else axes
    return integer(emitter, first, "axes"), integer(emitter, second, "axes")


@symbol("K.batch_dot")
def batch_dot(emitter: Emitter, x: Value, y: Value, axes: Value = None) -> Any:
    """A dot product for every example; vectors give a column. See `multiplied` for the meaning before."""
    first, second = len(shape_of(x)), len(shape_of(y))
    pair = None if axes is None else _pair(emitter, axes)
    vectors = max(first, second) == 2
    same = vectors and pair in ((1, 1), (-1, -1))
    if not same and differs((first, second), pair) and multiplies(emitter, vectors):
        return multiplied(emitter, (x, y), pair)
    pair = pair or (first - 1, second - 1 if second == 2 else second - 2)
    left_axis, right_axis = one_axis(emitter, pair[0], first), one_axis(emitter, pair[1], second)
    if 0 in (left_axis, right_axis):
        raise emitter.refuse("batch_dot() over the axis of the batch")
    letters = "bcdefghijklmnopqrstuvwxyz"
    left = ["a", *letters[: first - 1]]
    right = ["a", *letters[first - 1 : first + second - 2]]
    right[right_axis] = left[left_axis]
    kept = [*(c for c in left if c != left[left_axis]), *(c for c in right[1:] if c != left[left_axis])]
    found = einsum(emitter, f"{''.join(left)},{''.join(right)}->{''.join(kept)}", x, y)
    return shaping.expand_dims(emitter, found, 1) if len(kept) == 1 else found


@symbol("K.switch")
def switch(emitter: Emitter, condition: Value, then_expression: Value, else_expression: Value) -> Any:
    """Element by element, with missing axes of the condition added at the end."""
    if not isinstance(condition, Tensor):
        return then_expression if condition else else_expression
    if not condition.shape:
        raise emitter.refuse("switch() on a scalar condition")
    rank = len(shape_of(then_expression))
    if len(condition.shape) == 1 and rank > 1 and not _picks_rows(emitter):
        raise emitter.refuse("switch() by a condition of one axis, which TensorFlow 2 takes along the last axis")
    chosen = condition if condition.dtype == "bool" else casting.cast(emitter, condition, "bool")
    while len(chosen.shape) < rank:
        chosen = shaping.expand_dims(emitter, chosen, -1)
    return conditions.where(emitter, chosen, then_expression, else_expression)


def _picks_rows(emitter: Emitter) -> bool:
    """Surely TensorFlow 1's `where`; tf.keras kept it until 2.0, multi-backend Keras 2.3 ran on both."""
    writer = emitter.writer
    return writer.before(2, 3) if writer.standalone else writer.releases[1] <= (2, 0)


@symbol("K.in_train_phase")
def in_train_phase(emitter: Emitter, x: Value, alt: Value, training: Value = None) -> Any:
    raise emitter.refuse("another result in training than at inference")


@symbol("K.in_test_phase")
def in_test_phase(emitter: Emitter, x: Value, alt: Value, training: Value = None) -> Any:
    raise emitter.refuse("another result in training than at inference")


@symbol("K.normalize_batch_in_training")
def normalize_batch(emitter: Emitter, *args: Value, **kwargs: Value) -> Any:
    raise emitter.refuse("normalisation by the statistics of the batch, at inference as well")


@symbol("K.cast")
def cast(emitter: Emitter, x: Value, dtype: Value) -> Any:
    return casting.cast(emitter, x, dtype)


@symbol("K.shape")
def shape(emitter: Emitter, x: Value) -> Any:
    return shapes.shape_of(emitter, x)
