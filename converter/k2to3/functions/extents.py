"""Extents that only the running model knows: which are the same, and ones as long as they are."""

from __future__ import annotations

from collections.abc import Hashable
from math import prod

import numpy as np

from k2to3.functions.emitter import Emitter
from k2to3.functions.values import RuntimeDim, RuntimeNumber, Value
from k2to3.keras3.graph import Node, Submodel, Tensor
from k2to3.keras3.layer import Layer

# Layers that may change the batch extent do not exist; models may hold ops that do.
BATCH = ("batch",)
SAME_SHAPE = frozenset(
    {
        "core.Cast",
        "nn.Elu",
        "nn.Gelu",
        "nn.LeakyRelu",
        "nn.LogSoftmax",
        "nn.Softmax",
        "numpy.Clip",
        "numpy.Cumprod",
        "numpy.Cumsum",
        "numpy.Flip",
        "numpy.Roll",
        "numpy.Round",
        "numpy.Sort",
    }
)
"""Ops with settings that keep the shape of their input."""


def extent_key(tensor: Tensor, axis: int) -> Hashable:
    """Equal keys mean equal extents in every run; an int where it is known."""
    axis %= max(1, len(tensor.shape))
    known = tensor.shape[axis]
    if known is not None:
        return known
    for _ in range(10_000):
        node = tensor.node
        if isinstance(node.operation, Layer):
            if node.operation.class_name == "InputLayer":
                return BATCH if axis == 0 else (id(tensor), axis)
            if axis == 0 and not isinstance(node.operation, Submodel):
                return BATCH
            return (id(tensor), axis)
        source = _through(node, tensor, axis)
        if source is None:
            return (id(tensor), axis)
        tensor, axis = source
    return (id(tensor), axis)


def _through(node: Node, tensor: Tensor, axis: int) -> tuple[Tensor, int] | None:
    """The input whose extent the output takes over along `axis`."""
    config = node.operation.config
    given = list(node.tensors())
    name = node.operation.class_name
    if name == "Transpose" and config.get("axes"):
        return given[0], config["axes"][axis] % len(given[0].shape)
    if name == "Reshape":
        return _through_reshape(given[0], config["newshape"], axis)
    if name in ("Concatenate", "Take", "Stack", "Split", "GetItem", "Squeeze", "ExpandDims"):
        return _through_leading(node, given, tensor, axis)
    if axis == 0 and name in ("Mean", "Sum", "Max", "Min", "Prod", "Any", "All", "Argmax", "Argmin", "Std", "Var"):
        axes = config.get("axis")
        axes = [axes] if isinstance(axes, int) else axes
        rank = len(given[0].shape)
        return (given[0], 0) if axes is not None and all(a % rank for a in axes) else None
    if name == "Tile":
        return (given[0], axis) if config["repeats"][axis] == 1 else None
    if name == "Matmul":
        return _through_product(given, len(tensor.shape), axis)
    module = getattr(node.operation, "module", "")
    if module == "linalg" or (config and f"{module}.{name}" not in SAME_SHAPE):
        return None
    return _through_broadcast(given, len(tensor.shape), axis)


def _through_reshape(source: Tensor, target: list[int], axis: int) -> tuple[Tensor, int] | None:
    if axis != 0 or target[0] != -1 or None in source.shape[1:]:
        return None
    same = prod(n for n in source.shape[1:] if n is not None) == prod(target[1:])
    return (source, 0) if same else None


def _through_leading(node: Node, given: list[Tensor], tensor: Tensor, axis: int) -> tuple[Tensor, int] | None:
    if axis != 0 or not given or not given[0].shape:
        return None
    rank = len(given[0].shape)
    name, config = node.operation.class_name, node.operation.config
    if name == "GetItem":
        key = node.args[1]
        first = key[0] if isinstance(key, (list, tuple)) and key else key
        return (given[0], 0) if first in (slice(None), Ellipsis) else None
    along = config.get("axis")
    limit = len(tensor.shape) if name in ("Stack", "ExpandDims") else rank
    return (given[0], 0) if isinstance(along, int) and along % limit != 0 else None


def _through_product(given: list[Tensor], rank: int, axis: int) -> tuple[Tensor, int] | None:
    """Rows of a matrix product come from the first operand, columns from the second."""
    if len(given) < 2:
        return None
    if axis >= rank - 2:
        source = given[axis - (rank - 2)]
        return source, len(source.shape) - rank + axis
    return _through_broadcast(given, rank, axis)


def _through_broadcast(given: list[Tensor], rank: int, axis: int) -> tuple[Tensor, int] | None:
    for source in given:
        own = axis - (rank - len(source.shape))
        if own >= 0 and source.shape[own] != 1:
            return source, own
    return None


def same_extent(left: Value, right: Value) -> bool:
    """Whether two extents are equal in every run."""
    return _key(left) == _key(right)


def _key(value: Value) -> Hashable:
    if isinstance(value, RuntimeDim):
        return extent_key(value.tensor, value.axis)
    if isinstance(value, RuntimeNumber):
        return (value.operator, _key(value.left), _key(value.right))
    return int(value) if isinstance(value, (int, np.integer)) else (id(value),)


def dimension(tensor: Tensor, axis: int) -> int | RuntimeDim:
    """The extent along `axis` as a number, or the marker of one that is not known yet."""
    known = tensor.shape[axis]
    return RuntimeDim(tensor, axis % len(tensor.shape)) if known is None else known


def ones_along(emitter: Emitter, value: RuntimeDim, dtype: str) -> Tensor:
    """A vector of ones as long as the extent."""
    source = value.tensor
    key = [slice(None) if axis == value.axis else 0 for axis in range(len(source.shape))]
    column = source
    if len(key) > 1:
        column = emitter.op("numpy.GetItem", source, key)
    return like(emitter, "numpy.OnesLike", column, dtype)


def like(emitter: Emitter, symbol: str, tensor: Tensor, dtype: str) -> Tensor:
    """OnesLike or ZerosLike; its dtype argument moved between releases, so a Cast gives it."""
    if tensor.dtype != dtype:
        tensor = emitter.op("core.Cast", tensor, config={"dtype": dtype})
    return emitter.op(symbol, tensor)
