"""Constants, extents, casts, and what gives its argument back: tensorflow/python/ops/array_ops.py, math_ops.py."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.proof.keras2.ops.arithmetic import Op
from k2to3.proof.keras2.ops.values import beside, dtype_of, floats, ints, tensor
from k2to3.proof.keras2.tensor import Array


def rank(input: Any) -> Array:
    return np.asarray(np.ndim(input), np.int32)


def size(input: Any, *, out_type: Any = "int32") -> Array:
    return np.asarray(np.size(input), dtype_of(out_type, floats()))


def constant(value: Any, dtype: Any = None, shape: Any = None) -> Array:
    """One value fills a shape; several have to be as many."""
    found = tensor(value) if dtype is None else np.asarray(value).astype(dtype_of(dtype, floats()))
    if shape is None:
        return found
    return np.full(ints(shape), found.ravel()[0]) if found.size == 1 else np.reshape(found, ints(shape))


def zeros_like(input: Any, dtype: Any = None, *, optimize: Any = True, layout: Any = None) -> Array:
    x = tensor(input)
    return np.zeros(x.shape, x.dtype if dtype is None else dtype_of(dtype, x))


def ones_like(input: Any, dtype: Any = None, *, optimize: Any = True, layout: Any = None) -> Array:
    return np.asarray(np.ones_like(zeros_like(input, dtype)))


def saturate_cast(value: Any, dtype: Any) -> Array:
    """What the dtype cannot hold becomes the nearest that it can."""
    x = tensor(value)
    wanted = dtype_of(dtype, x)
    if wanted.kind not in "iu" or x.dtype.kind not in "iuf" or wanted.itemsize > 2:
        raise ValueError(f"saturate_cast to {wanted}")
    limits = np.iinfo(wanted)
    return np.asarray(np.clip(x, limits.min, limits.max)).astype(wanted)


def _to(dtype: str) -> Op:
    def op(x: Any) -> Array:
        found = tensor(x)
        return np.asarray(found.astype(dtype_of(dtype, found)))

    return op


def ensure_shape(x: Any, shape: Any) -> Array:
    found = tensor(x)
    wanted = [None if n is None else ints(n)[0] for n in shape]
    if len(wanted) != found.ndim or any(n not in (None, -1, m) for n, m in zip(wanted, found.shape, strict=True)):
        raise ValueError(f"a shape other than {wanted}")
    return found


def parallel_stack(values: list[Any]) -> Array:
    like = next((x for x in values if isinstance(x, np.ndarray)), None)
    return np.stack([beside(x, like) for x in values])


def several(input: Any, *, control_inputs: Any = None) -> list[Array]:
    return [tensor(x) for x in input]


OPS: dict[str, Op] = {
    "rank": rank,
    "size": size,
    "constant": constant,
    "zeros_like": zeros_like,
    "ones_like": ones_like,
    "saturate_cast": saturate_cast,
    "to_float": _to("float32"),
    "to_double": _to("float64"),
    "to_int32": _to("int32"),
    "to_int64": _to("int64"),
    "ensure_shape": ensure_shape,
    "parallel_stack": parallel_stack,
    "identity_n": several,
    "tuple": several,
}
NAMES = {
    **{f"{prefix}{name}": name for name in OPS for prefix in ("", "compat.v1.")},
    "dtypes.saturate_cast": "saturate_cast",
    "guarantee_const": "identity",
}
