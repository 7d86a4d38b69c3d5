"""Picking by a tensor of indices or by a condition: tensorflow/python/ops/array_ops.py.

An index outside of the tensor has no entry: TensorFlow refuses it on a CPU and gives 0 on a GPU.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.proof.keras2.ops.arithmetic import Op
from k2to3.proof.keras2.ops.values import dtype_of, floats, ints, operands, tensor
from k2to3.proof.keras2.tensor import Array


def gather(params: Any, indices: Any, validate_indices: Any = None, axis: Any = None, batch_dims: Any = 0) -> Array:
    """Along `axis`; leading axes of both are walked together."""
    params, indices, shared = tensor(params), tensor(indices), ints(batch_dims)[0]
    shared += indices.ndim if shared < 0 else 0
    along = shared if axis is None else ints(axis)[0]
    along += params.ndim if along < 0 else 0
    if along < shared or params.shape[:shared] != indices.shape[:shared]:
        raise ValueError(f"gather of {params.shape} by {indices.shape}, {shared} axes together")
    if shared:
        rows = zip(params, indices, strict=True)
        return np.stack([gather(x, i, axis=along - 1, batch_dims=shared - 1) for x, i in rows])
    return np.asarray(np.take(params, checked(indices, params.shape[along]), axis=along))


def checked(indices: Array, size: Any) -> Array:
    if indices.dtype.kind not in "iu" or (indices.size and ((indices < 0) | (indices >= size)).any()):
        raise ValueError("an index outside of the tensor")
    return indices


def gather_nd(params: Any, indices: Any, *, batch_dims: Any = 0, bad_indices_policy: Any = "") -> Array:
    """The last axis of `indices` is a place in `params`."""
    params, indices, shared = tensor(params), tensor(indices), ints(batch_dims)[0]
    if bad_indices_policy not in ("", "DEFAULT"):
        raise ValueError(f"bad_indices_policy={bad_indices_policy!r}")
    if shared:
        rows = zip(params, indices, strict=True)
        return np.stack([gather_nd(x, i, batch_dims=shared - 1) for x, i in rows])
    return np.asarray(params[places(indices, params.shape)])


def places(indices: Array, shape: tuple[int, ...]) -> tuple[Array, ...]:
    """NumPy's subscript of rows of indices."""
    depth = indices.shape[-1]
    return tuple(np.moveaxis(checked(indices, np.asarray(shape[:depth], dtype=int)), -1, 0))


def batch_gather(params: Any, indices: Any) -> Array:
    return gather(params, indices, batch_dims=np.ndim(indices) - 1)


def one_hot(
    indices: Any, depth: Any, on_value: Any = None, off_value: Any = None, axis: Any = None, dtype: Any = None
) -> Array:
    indices = tensor(indices)
    given = next((tensor(value) for value in (on_value, off_value) if value is not None), floats())
    like = dtype_of(given.dtype.name if dtype is None else dtype, given)
    place = indices.ndim if axis in (None, -1) else ints(axis)[0]
    steps = np.arange(ints(depth)[0]).reshape(-1, *(1,) * (indices.ndim - place))
    found = np.expand_dims(indices, place) == steps
    on = 1 if on_value is None else on_value
    off = 0 if off_value is None else off_value
    return np.where(found, np.asarray(on, like), np.asarray(off, like))


def select(condition: Any, x: Any = None, y: Any = None) -> Array:
    """TensorFlow 1's `where`: a condition of rank 1 picks rows, and nothing else broadcasts."""
    if x is None or y is None:
        raise ValueError("where with one argument gives indices")
    a, b = operands(x, y)
    chosen = tensor(condition)
    if chosen.ndim == 1 and a.ndim > 1:
        chosen = chosen.reshape(-1, *(1,) * (a.ndim - 1))
    return np.where(chosen, a, b)


OPS: dict[str, Op] = {
    "gather": gather,
    "gather_nd": gather_nd,
    "batch_gather": batch_gather,
    "one_hot": one_hot,
    "select": select,
}
NAMES = {
    **{
        f"{prefix}{name}": name
        for name in ("gather", "gather_nd", "batch_gather", "one_hot")
        for prefix in ("", "compat.v1.")
    },
    "compat.v1.where": "select",
    "raw.Select": "select",
    "raw_ops.Select": "select",
}
