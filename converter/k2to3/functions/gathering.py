"""Selecting by index: gather, gather_nd, embedding_lookup."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from k2to3.functions.arguments import integer, known_extent, one_axis
from k2to3.functions.dtypes import is_float
from k2to3.functions.emitter import Emitter
from k2to3.functions.encoding import one_hot_of
from k2to3.functions.entries import Family
from k2to3.functions.indexing import index_operand, take
from k2to3.functions.operands import as_tensor, constant_array, elementwise, shape_of
from k2to3.functions.reductions import reduce
from k2to3.functions.shaping import expand_dims, reshape
from k2to3.functions.values import Value, holds_runtime
from k2to3.keras3.graph import Tensor

symbol = Family()


@symbol("tf.gather")
def gather(
    emitter: Emitter,
    params: Value,
    indices: Value,
    validate_indices: Value = None,
    axis: Value = None,
    batch_dims: Value = 0,
    name: Value = None,
) -> Any:
    shared = integer(emitter, batch_dims, "batch_dims")
    rank = len(shape_of(params))
    along = shared if axis is None else one_axis(emitter, axis, rank)
    if not isinstance(params, Tensor) and not holds_runtime(indices) and holds_runtime(params):
        return np.take(np.asarray(params, object), np.asarray(indices, int), along)
    if not holds_runtime(params) and not holds_runtime(indices) and not shared:
        return np.take(constant_array(emitter, params), np.asarray(indices, int), along)
    index = index_operand(emitter, indices)
    shared = shared % (len(shape_of(index)) + 1) if shared < 0 else shared
    if shared:
        return _gather_batched(emitter, as_tensor(emitter, params), index, along, shared)
    source = params if isinstance(params, Tensor) else constant_array(emitter, params)
    return take(emitter, source, index, along)


def _gather_batched(emitter: Emitter, params: Tensor, index: Any, axis: int, shared: int) -> Any:
    """One index per example: a one-hot matrix product picks exactly one row."""
    rank = len(params.shape)
    if axis != shared or not is_float(params.dtype):
        return _gather_along(emitter, params, index, axis, shared)
    if isinstance(index, np.ndarray):
        raise emitter.refuse("constant indices per example")
    extent = known_extent(emitter, params, axis)
    inner = len(index.shape) - shared
    chosen = one_hot_of(emitter, index, extent, params.dtype)
    letters = "abcdefghijklmnopqrstuvwxyz"
    batch, rows = letters[:shared], letters[shared : shared + inner]
    rest = letters[shared + inner + 1 : shared + inner + rank - shared]
    key = letters[shared + inner]
    equation = f"{batch}{rows}{key},{batch}{key}{rest}->{batch}{rows}{rest}"
    emitter.note("rebuilt", "gather per example as a product with one-hot rows; NaN in other rows spread")
    return emitter.op("numpy.Einsum", chosen, params, config={"subscripts": equation})


def _gather_along(emitter: Emitter, params: Tensor, index: Any, axis: int, shared: int) -> Any:
    """The same by TakeAlongAxis, where the index has one axis beyond the shared ones."""
    if not isinstance(index, Tensor) or axis != shared or len(index.shape) != shared + 1:
        raise emitter.refuse("gather with batch_dims in this form")
    rank = len(params.shape)
    expanded = index
    for _ in range(rank - shared - 1):
        expanded = expand_dims(emitter, expanded, -1)
    if rank > shared + 1:
        times = [1] * (shared + 1) + [known_extent(emitter, params, i) for i in range(shared + 1, rank)]
        expanded = emitter.op("numpy.Tile", expanded, config={"repeats": times})
    return emitter.op("numpy.TakeAlongAxis", params, expanded, config={"axis": axis})


@symbol("tf.batch_gather")
def batch_gather(emitter: Emitter, params: Value, indices: Value, name: Value = None) -> Any:
    shared = len(shape_of(indices)) - 1
    return gather(emitter, params, indices, axis=shared, batch_dims=shared)


@symbol("tf.gather_nd")
def gather_nd(emitter: Emitter, params: Value, indices: Value, batch_dims: Value = 0, name: Value = None) -> Any:
    """Index tuples become positions in the flattened leading axes."""
    shared = integer(emitter, batch_dims, "batch_dims")
    shape = shape_of(params)
    width = shape_of(indices)[-1]
    if width is None:
        raise emitter.refuse("gather_nd with index tuples of unknown length")
    leading = [shape[axis] for axis in range(shared, shared + width)]
    if None in leading[1:]:
        raise emitter.refuse("gather_nd over an extent that only the running model knows")
    steps = [prod(n or 1 for n in leading[i + 1 :]) for i in range(width)]
    if isinstance(indices, Tensor):
        index = index_operand(emitter, indices)
        weighted = elementwise(emitter, "numpy.Multiply", index, np.asarray(steps, index.dtype))
        position = reduce(emitter, "Sum", weighted, -1, False)
    else:
        position = (np.asarray(indices) * np.asarray(steps)).sum(-1)
    merged = [-1 if n is None else n for n in shape[:shared]]
    total = -1 if None in leading else prod(n or 1 for n in leading)
    rest = [-1 if n is None else n for n in shape[shared + width :]]
    flat = reshape(emitter, params, [*merged, total, *rest]) if width > 1 else params
    return gather(emitter, flat, position, axis=shared, batch_dims=shared)


@symbol("tf.nn.embedding_lookup")
def embedding_lookup(
    emitter: Emitter,
    params: Value,
    ids: Value,
    max_norm: Value = None,
    name: Value = None,
    partition_strategy: Value = "mod",
    validate_indices: Value = True,
) -> Any:
    if max_norm is not None:
        raise emitter.refuse("embedding_lookup with max_norm")
    if isinstance(params, list) and len(params) == 1 and np.ndim(params[0]) > 1:
        params = params[0]
    return gather(emitter, params, ids, axis=0)
