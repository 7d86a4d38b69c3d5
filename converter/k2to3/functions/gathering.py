"""Selecting by index or condition: gather, where, one_hot, top_k, argmax, sort."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from k2to3.functions.casting import cast
from k2to3.functions.dtypes import INTEGERS, dtype_name, dtype_of, is_float
from k2to3.functions.emitter import Emitter
from k2to3.functions.operands import (
    as_tensor,
    broadcast_all,
    constant_array,
    elementwise,
    integer,
    known_extent,
    normal_axis,
    one_axis,
    operand,
    shape_of,
    static,
)
from k2to3.functions.reductions import reduce
from k2to3.functions.registry import symbol
from k2to3.functions.shaping import expand_dims, reshape, transpose
from k2to3.functions.values import Value, holds_runtime
from k2to3.keras3.graph import Tensor


@symbol("tf.where")
def where(emitter: Emitter, condition: Value, x: Value = None, y: Value = None, name: Value = None) -> Any:
    if x is None and y is None:
        raise emitter.refuse(
            "where() with one argument: the shape of its result depends on the data",
            hint="keep the shape and multiply by the condition instead",
        )
    if isinstance(condition, np.ndarray) and any(isinstance(v, np.ndarray) and v.dtype.hasobject for v in (x, y)):
        return np.where(condition, np.asarray(x, object), np.asarray(y, object))
    if not any(map(holds_runtime, (condition, x, y))):
        kind = dtype_of(next((v for v in (x, y) if isinstance(v, np.ndarray)), [x, y]))
        return np.where(constant_array(emitter, condition), *(constant_array(emitter, v, kind) for v in (x, y)))
    given = next((v for v in (x, y) if isinstance(v, Tensor)), None)
    kind = given.dtype if given is not None else dtype_of([x, y])
    if given is None:
        # Bare numbers would take the backend's own dtype.
        x, y = (constant_array(emitter, v, kind) for v in (x, y))
        ready = [condition, *(v if v.ndim else v.reshape(1) for v in (x, y))]
        shape = broadcast_all(emitter, [shape_of(condition), x.shape, y.shape])
        if not shape_of(condition):
            raise emitter.refuse("a choice between constants by a scalar condition")
    else:
        ready = [operand(emitter, v, k) for v, k in zip((condition, x, y), ("bool", kind, kind), strict=True)]
        shape = broadcast_all(emitter, [shape_of(v) for v in ready])
    return emitter.op("numpy.Where", *ready, shape=shape, dtype=kind)


@symbol("tf.compat.v1.where", "tf.raw.Select")
def where_v1(emitter: Emitter, condition: Value, x: Value = None, y: Value = None, name: Value = None) -> Any:
    """TensorFlow 1's: a condition of rank 1 chooses whole rows."""
    if isinstance(condition, Tensor) and len(condition.shape) == 1:
        rank = max(len(shape_of(v)) for v in (x, y))
        for _ in range(rank - 1):
            condition = expand_dims(emitter, condition, -1)
    return where(emitter, condition, x, y)


def index_operand(emitter: Emitter, value: Value) -> Any:
    """Indices as an integer tensor, or an array."""
    if isinstance(value, Tensor):
        if value.dtype in ("uint8", "uint16", "int8", "int16", "uint32", "uint64"):
            return cast(emitter, value, "int32")
        if value.dtype not in INTEGERS:
            raise emitter.refuse(f"indices of dtype {value.dtype}")
        return value
    return np.asarray(static(emitter, value, "indices"), "int32")


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


def take(emitter: Emitter, source: Any, index: Any, axis: int) -> Any:
    """Take along one axis; a table that is a constant stands in the arguments."""
    given = shape_of(source)
    shape = (*given[:axis], *shape_of(index), *given[axis + 1 :])
    if isinstance(index, np.ndarray) and index.ndim == 0:
        key = [slice(None)] * axis + [int(index)]
        return emitter.op("numpy.GetItem", source, key, shape=shape)
    return emitter.op("numpy.Take", source, index, config={"axis": axis}, shape=shape, dtype=dtype_of(source))


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
    shape = (*index.shape, *params.shape[axis + 1 :])
    emitter.note("rebuilt", "gather per example as a product with one-hot rows; NaN in other rows spread")
    return emitter.op("numpy.Einsum", chosen, params, config={"subscripts": equation}, shape=shape, dtype=params.dtype)


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
        shape = (*index.shape, *params.shape[shared + 1 :])
        expanded = emitter.op("numpy.Tile", expanded, config={"repeats": times}, shape=shape)
    return emitter.op(
        "numpy.TakeAlongAxis", params, expanded, config={"axis": axis}, shape=expanded.shape, dtype=params.dtype
    )


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


def one_hot_of(emitter: Emitter, index: Tensor, depth: int, dtype: str, axis: int = -1) -> Tensor:
    rank = len(index.shape) + 1
    along = normal_axis(emitter, axis, rank)
    shape = (*index.shape[:along], depth, *index.shape[along:])
    config = {"num_classes": depth, "axis": axis if axis == -1 else along, "dtype": dtype}
    return emitter.op("nn.OneHot", index, config=config, shape=shape, dtype=dtype)


def _matches(emitter: Emitter, index: Tensor, depth: int, axis: int) -> Any:
    """Where an index equals a class; OneHot would fail on PyTorch for an index outside of all classes."""
    rank = len(index.shape) + 1
    along = normal_axis(emitter, axis, rank)
    classes = np.arange(depth, dtype=index.dtype).reshape([-1 if i == along else 1 for i in range(rank)])
    return elementwise(emitter, "numpy.Equal", expand_dims(emitter, index, along), classes, dtype="bool")


@symbol("tf.one_hot")
def one_hot(
    emitter: Emitter,
    indices: Value,
    depth: Value,
    on_value: Value = None,
    off_value: Value = None,
    axis: Value = None,
    dtype: Value = None,
    name: Value = None,
) -> Any:
    count = integer(emitter, depth, "depth")
    on, off = (static(emitter, v, "a value") for v in (on_value, off_value))
    given = next((dtype_of(v) for v in (on_value, off_value) if v is not None), "float32")
    kind = dtype_name(emitter, dtype) if dtype is not None else given
    place = -1 if axis is None else integer(emitter, axis, "axis")
    if not holds_runtime(indices):
        flat = np.asarray(indices)[..., None] == np.arange(count)
        plain = np.where(flat, 1 if on is None else on, 0 if off is None else off).astype(kind)
        return np.moveaxis(plain, -1, place)
    chosen = _matches(emitter, index_operand(emitter, indices), count, place)
    if on in (None, 1, 1.0, True) and off in (None, 0, 0.0, False):
        return cast(emitter, chosen, kind)
    high, low = 1 if on is None else on, 0 if off is None else off
    return where(emitter, chosen, np.asarray(high, kind), np.asarray(low, kind))


def _extreme(class_name: str) -> Callable[..., Any]:
    def apply(
        emitter: Emitter, input: Value, axis: Value = None, output_type: Value = "int64", name: Value = None
    ) -> Any:
        """The default axis is 0, not all of them."""
        tensor = as_tensor(emitter, input)
        along = one_axis(emitter, 0 if axis is None else axis, len(tensor.shape))
        shape = (*tensor.shape[:along], *tensor.shape[along + 1 :])
        found = emitter.op(f"numpy.{class_name}", tensor, config={"axis": along}, shape=shape, dtype="int32")
        return cast(emitter, found, dtype_name(emitter, output_type or "int64"))

    def first_release(
        emitter: Emitter,
        input: Value,
        axis: Value = None,
        name: Value = None,
        dimension: Value = None,
        output_type: Value = "int64",
    ) -> Any:
        return apply(emitter, input, dimension if axis is None else axis, output_type)

    short = class_name.lower()
    symbol(f"tf.math.{short}")(apply)
    symbol(*(f"tf.compat.v1.{name}" for name in (f"math.{short}", short, f"arg_{short[3:]}")))(first_release)
    return apply


argmax = _extreme("Argmax")
argmin = _extreme("Argmin")


@symbol("tf.math.top_k")
def top_k(
    emitter: Emitter,
    input: Value,
    k: Value = 1,
    sorted: Value = True,
    index_type: Value = "int32",
    name: Value = None,
) -> Any:
    tensor = as_tensor(emitter, input)
    count = integer(emitter, k, "k")
    shape = (*tensor.shape[:-1], count)
    # Sorted in any case: the order of the others differs between backends.
    values, index = emitter.op_many(
        "math.TopK", tensor, config={"k": count, "sorted": True}, shapes=[shape, shape], dtype=tensor.dtype
    )
    index.dtype = "int32"
    return [values, emitter.op("core.Cast", index, config={"dtype": "int32"}, dtype="int32")]


@symbol("tf.math.in_top_k")
def in_top_k(emitter: Emitter, targets: Value, predictions: Value, k: Value, name: Value = None) -> Any:
    config = {"k": integer(emitter, k, "k")}
    return emitter.op("math.InTopK", targets, predictions, config=config, shape=targets.shape, dtype="bool")


@symbol("tf.compat.v1.math.in_top_k", "tf.compat.v1.nn.in_top_k")
def in_top_k_v1(emitter: Emitter, predictions: Value, targets: Value, k: Value, name: Value = None) -> Any:
    return in_top_k(emitter, targets, predictions, k)


def _descending(emitter: Emitter, direction: Value) -> bool:
    if direction not in ("ASCENDING", "DESCENDING"):
        raise emitter.refuse(f"direction {direction!r}")
    return bool(direction == "DESCENDING")


@symbol("tf.sort")
def sort(emitter: Emitter, values: Value, axis: Value = -1, direction: Value = "ASCENDING", name: Value = None) -> Any:
    tensor = as_tensor(emitter, values)
    along = one_axis(emitter, axis, len(tensor.shape))
    found = emitter.op("numpy.Sort", tensor, config={"axis": along})
    return emitter.op("numpy.Flip", found, config={"axis": along}) if _descending(emitter, direction) else found


@symbol("tf.argsort")
def argsort(
    emitter: Emitter,
    values: Value,
    axis: Value = -1,
    direction: Value = "ASCENDING",
    stable: Value = False,
    name: Value = None,
) -> Any:
    tensor = as_tensor(emitter, values)
    along = one_axis(emitter, axis, len(tensor.shape))
    if _descending(emitter, direction):
        tensor = elementwise(emitter, "numpy.Negative", tensor)
    found = emitter.op("numpy.Argsort", tensor, config={"axis": along}, dtype="int32")
    return emitter.op("core.Cast", found, config={"dtype": "int32"}, dtype="int32")


@symbol("tf.sequence_mask")
def sequence_mask(
    emitter: Emitter, lengths: Value, maxlen: Value = None, dtype: Value = "bool", name: Value = None
) -> Any:
    if maxlen is None:
        raise emitter.refuse("sequence_mask without maxlen: the shape of its result depends on the data")
    count = integer(emitter, maxlen, "maxlen")
    ends = expand_dims(emitter, as_tensor(emitter, lengths), -1)
    found = elementwise(emitter, "numpy.Less", np.arange(count, dtype=ends.dtype), ends, dtype="bool")
    return cast(emitter, found, dtype)


@symbol("tf.reverse_sequence")
def reverse_sequence(
    emitter: Emitter,
    input: Value,
    seq_lengths: Value,
    seq_axis: Value = None,
    batch_axis: Value = None,
    name: Value = None,
    seq_dim: Value = None,
    batch_dim: Value = None,
) -> Any:
    """Position i becomes length - 1 - i below the length of its example."""
    along = one_axis(emitter, seq_axis if seq_axis is not None else seq_dim, len(input.shape))
    batch = integer(emitter, batch_axis or batch_dim or 0, "batch_axis")
    if (batch, along) != (0, 1):
        order = [batch, along, *(i for i in range(len(input.shape)) if i not in (batch, along))]
        turned = reverse_sequence(emitter, transpose(emitter, input, order), seq_lengths, 1, 0)
        return transpose(emitter, turned, [int(i) for i in np.argsort(order)])
    steps = known_extent(emitter, input, 1)
    ends = cast(emitter, expand_dims(emitter, as_tensor(emitter, seq_lengths), -1), "int32")
    position = np.arange(steps, dtype="int32")
    last = elementwise(emitter, "numpy.Subtract", ends, position + 1)
    inside = elementwise(emitter, "numpy.Less", position, ends, dtype="bool")
    index = where(emitter, inside, last, position)
    for _ in range(len(input.shape) - 2):
        index = expand_dims(emitter, index, -1)
    if len(input.shape) > 2:
        times = [1, 1, *(known_extent(emitter, input, i) for i in range(2, len(input.shape)))]
        index = emitter.op("numpy.Tile", index, config={"repeats": times}, shape=input.shape)
    return emitter.op("numpy.TakeAlongAxis", input, index, config={"axis": 1}, shape=input.shape, dtype=input.dtype)
