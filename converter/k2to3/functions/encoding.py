"""Indices as rows of zeros and a one."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.functions.arguments import integer, normal_axis, static
from k2to3.functions.casting import cast
from k2to3.functions.conditions import where
from k2to3.functions.dtypes import dtype_name, dtype_of
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.indexing import index_operand
from k2to3.functions.operands import elementwise
from k2to3.functions.shaping import expand_dims
from k2to3.functions.values import Value, holds_runtime
from k2to3.keras3.graph import Tensor

symbol = Family()


def one_hot_of(emitter: Emitter, index: Tensor, depth: int, dtype: str, axis: int = -1) -> Tensor:
    rank = len(index.shape) + 1
    along = normal_axis(emitter, axis, rank)
    config = {"num_classes": depth, "axis": axis if axis == -1 else along, "dtype": dtype}
    return emitter.op("nn.OneHot", index, config=config)


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
