"""Writing to places of a tensor: tensorflow/core/kernels/scatter_nd_op.cc."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from k2to3.proof.keras2.ops.arithmetic import Op
from k2to3.proof.keras2.ops.gathering import places
from k2to3.proof.keras2.ops.values import beside, ints, tensor
from k2to3.proof.keras2.tensor import Array


def scatter_nd(indices: Any, updates: Any, shape: Any) -> Array:
    """Into zeros; what meets at one place is added."""
    updates = tensor(updates)
    return _written(np.add.at, np.zeros(ints(shape), updates.dtype), indices, updates, "")


def _at(function: Callable[..., Any]) -> Op:
    def op(tensor: Any, indices: Any, updates: Any, *, bad_indices_policy: Any = "") -> Array:
        return _written(function, tensor, indices, updates, bad_indices_policy)

    return op


def _written(function: Callable[..., Any], given: Any, indices: Any, updates: Any, policy: Any) -> Array:
    if policy not in ("", "DEFAULT"):
        raise ValueError(f"bad_indices_policy={policy!r}")
    found, rows = tensor(given).copy(), tensor(indices)
    values = beside(updates, found)
    if values.shape != (*rows.shape[:-1], *found.shape[rows.shape[-1] :]):
        raise ValueError(f"updates of shape {values.shape}")
    function(found, places(rows, found.shape), values)
    return found


def _put(found: Array, where: tuple[Array, ...], values: Array) -> None:
    """Which one stays of two at the same place is not said."""
    rows = np.stack([place.ravel() for place in where], axis=1)
    if len(np.unique(rows, axis=0)) != len(rows):
        raise ValueError("two updates of one place")
    found[where] = values


OPS: dict[str, Op] = {
    "scatter_nd": scatter_nd,
    "tensor_scatter_nd_add": _at(np.add.at),
    "tensor_scatter_nd_sub": _at(np.subtract.at),
    "tensor_scatter_nd_max": _at(np.maximum.at),
    "tensor_scatter_nd_min": _at(np.minimum.at),
    "tensor_scatter_nd_update": _at(_put),
}
NAMES = {
    **{f"{prefix}{name}": name for name in OPS for prefix in ("", "compat.v1.")},
    **{f"tensor_scatter_{name}": f"tensor_scatter_nd_{name}" for name in ("add", "sub", "update")},
}
