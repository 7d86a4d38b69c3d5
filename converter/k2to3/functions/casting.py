"""Changes of dtype, operations that do nothing, and shapes as values."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.functions.dtypes import dtype_name, dtype_of, is_float, numpy_dtype
from k2to3.functions.emitter import Emitter
from k2to3.functions.operands import (
    as_tensor,
    constant_array,
    elementwise,
)
from k2to3.functions.registry import symbol
from k2to3.functions.values import Chance, Runtime, RuntimeDim, Value, holds_runtime, holds_tensor
from k2to3.keras3.graph import Tensor


@symbol("tf.cast")
def cast(emitter: Emitter, x: Value, dtype: Value, name: Value = None) -> Any:
    if isinstance(x, Chance):
        return noise_at_mean(emitter, x, dtype_name(emitter, dtype))
    if "complex" in str(dtype):
        return complex_of(emitter, x)
    wanted = dtype_name(emitter, dtype)
    if isinstance(x, Tensor):
        if x.dtype == wanted:
            return x
        return emitter.op("core.Cast", x, config={"dtype": wanted}, dtype=wanted)
    if isinstance(x, Runtime) or holds_runtime(x):
        return x if wanted in ("int32", "int64") else as_tensor(emitter, x, wanted)
    return constant_array(emitter, x).astype(numpy_dtype(wanted))


def complex_of(emitter: Emitter, x: Value) -> Any:
    from k2to3.functions.complex import as_complex

    if not holds_runtime(x):
        return np.asarray(x, complex)
    if dtype_of(x) not in ("float32", "float64"):
        x = cast(emitter, x, "float32")
    return as_complex(emitter, x)


def noise_at_mean(emitter: Emitter, chance: Chance, dtype: str) -> Any:
    """How often the comparison holds, as a tensor."""
    if not is_float(dtype):
        raise emitter.refuse(chance.reason)
    zeros = elementwise(emitter, "numpy.Multiply", cast(emitter, chance.noise, dtype), 0.0)
    return elementwise(emitter, "numpy.Add", zeros, chance.probability)


@symbol("tf.dtypes.saturate_cast", "tf.saturate_cast")
def saturate_cast(emitter: Emitter, value: Value, dtype: Value, name: Value = None) -> Value:
    """Clipped to the range of the target; Keras 3 has a class for it only since 3.6."""
    wanted = dtype_name(emitter, dtype)
    kind = np.dtype(numpy_dtype(wanted))
    if kind.kind not in "iu":
        return cast(emitter, value, wanted)
    info = np.iinfo(kind)
    low = elementwise(emitter, "numpy.Maximum", value, float(info.min))
    return cast(emitter, elementwise(emitter, "numpy.Minimum", low, float(info.max)), wanted)


def _to(wanted: str, *names: str) -> None:
    def apply(emitter: Emitter, x: Value, name: Value = None) -> Value:
        return cast(emitter, x, wanted)

    symbol(*names)(apply)


_to("float32", "tf.to_float")
_to("int32", "tf.to_int32")
_to("int64", "tf.to_int64")
_to("float64", "tf.to_double")
_to("bfloat16", "tf.to_bfloat16")


@symbol("tf.identity", "tf.stop_gradient", "tf.ensure_shape", "tf.guarantee_const")
def identity(emitter: Emitter, input: Value, shape: Value = None, name: Value = None) -> Value:
    """Nothing is computed; a stopped gradient matters to training alone."""
    return input


@symbol("tf.debugging.check_numerics", "tf.debugging.assert_all_finite", "tf.verify_tensor_all_finite")
def checked(emitter: Emitter, x: Value, message: Value = None, name: Value = None, tensor: Value = None) -> Value:
    emitter.note("dropped", "a check that values are finite: it raised an error and changed nothing else")
    return x


@symbol("tf.identity_n", "tf.tuple")
def identity_n(emitter: Emitter, input: Value, control_inputs: Value = None, name: Value = None) -> Value:
    return input


@symbol("tf.print", "tf.Print")
def printed(emitter: Emitter, input: Value, *rest: Value, **options: Value) -> Value:
    emitter.note("dropped", "a print of its values")
    return input


@symbol("tf.convert_to_tensor")
def convert_to_tensor(
    emitter: Emitter,
    input: Value,
    dtype: Value = None,
    dtype_hint: Value = None,
    name: Value = None,
    preferred_dtype: Value = None,
) -> Value:
    if isinstance(input, (list, tuple)) and holds_tensor(input):
        from k2to3.functions.joining import stack

        input = stack(emitter, input, 0)
    if isinstance(input, Tensor) or holds_runtime(input):
        return input if dtype is None else cast(emitter, input, dtype)
    return constant_array(emitter, input, dtype_name(emitter, dtype) if dtype is not None else None)


@symbol("tf.shape", "tf.shape_v2")
def shape_of(emitter: Emitter, input: Value, out_type: Value = None, name: Value = None) -> Any:
    """Keras 3 graphs have no node for a shape: known extents fold, others are markers."""
    if not isinstance(input, Tensor):
        return np.array(np.shape(input), "int32")
    if None not in input.shape:
        return np.array(input.shape, "int32")
    found = np.empty(len(input.shape), object)
    for axis, n in enumerate(input.shape):
        found[axis] = RuntimeDim(input, axis) if n is None else n
    return found


@symbol("tf.size")
def size(emitter: Emitter, input: Value, out_type: Value = None, name: Value = None) -> Any:
    found: Value = 1
    for item in shape_of(emitter, input):
        found = item * found if isinstance(item, Runtime) else found * int(item)
    return found if isinstance(found, Runtime) else np.asarray(found, "int32")


@symbol("tf.rank", "np.ndim")
def rank_of(emitter: Emitter, input: Value, name: Value = None) -> Any:
    return np.asarray(len(input.shape) if isinstance(input, Tensor) else np.ndim(input), "int32")
