"""Sequences of different lengths in one tensor."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.functions.arguments import integer, known_extent, one_axis
from k2to3.functions.casting import cast
from k2to3.functions.conditions import where
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.operands import as_tensor, elementwise
from k2to3.functions.shaping import expand_dims, transpose
from k2to3.functions.values import Value

symbol = Family()


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
        index = emitter.op("numpy.Tile", index, config={"repeats": times})
    return emitter.op("numpy.TakeAlongAxis", input, index, config={"axis": 1})
