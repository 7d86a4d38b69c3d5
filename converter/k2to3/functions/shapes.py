"""Shapes as values: `tf.shape`, `tf.size`, `tf.rank`."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.values import RuntimeDim, RuntimeInteger, Value
from k2to3.keras3.graph import Tensor

symbol = Family()


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
        found = item * found if isinstance(item, RuntimeInteger) else found * int(item)
    return found if isinstance(found, RuntimeInteger) else np.asarray(found, "int32")


@symbol("tf.rank", "np.ndim")
def rank_of(emitter: Emitter, input: Value, name: Value = None) -> Any:
    return np.asarray(len(input.shape) if isinstance(input, Tensor) else np.ndim(input), "int32")
