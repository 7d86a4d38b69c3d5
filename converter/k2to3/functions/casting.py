"""Changes of dtype."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.functions.complex_parts import as_complex
from k2to3.functions.dtypes import dtype_name, dtype_of, is_float, numpy_dtype
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.operands import as_tensor, constant_array, elementwise
from k2to3.functions.values import Chance, RuntimeInteger, Value, holds_runtime
from k2to3.keras3.graph import Tensor

symbol = Family()


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
        return emitter.op("core.Cast", x, config={"dtype": wanted})
    if isinstance(x, RuntimeInteger) or holds_runtime(x):
        return x if wanted in ("int32", "int64") else as_tensor(emitter, x, wanted)
    return constant_array(emitter, x).astype(numpy_dtype(wanted))


def complex_of(emitter: Emitter, x: Value) -> Any:
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
