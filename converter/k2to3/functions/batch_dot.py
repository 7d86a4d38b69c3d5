"""`K.batch_dot` of before Keras 2.2.5 and TensorFlow 2.0: a product of matrices, axes in front of which stay in step.

Source: keras/backend/tensorflow_backend.py of Keras 2.2.4. Up to three axes, counted from the front, both meanings are
one.
"""

from __future__ import annotations

from typing import Any

from k2to3.functions import shaping
from k2to3.functions.emitter import Emitter
from k2to3.functions.linalg import product
from k2to3.functions.operands import shape_of
from k2to3.functions.values import Value

CHANGED = (2, 0)


def multiplies(emitter: Emitter, vectors: bool = False) -> bool:
    """Whether the author's Keras multiplied as matrices; of vectors that goes across the batch, which hardly any model
    can mean: only where it is sure.

    Raises:
        UnsupportedOption: the file fits releases before and after the change.
    """
    writer = emitter.writer
    if writer.theano:
        return False
    if writer.standalone:
        return writer.before(2, 2, 5)
    first, last = writer.releases
    if first < CHANGED <= last and not vectors:
        raise emitter.refuse(
            "batch_dot() of these axes, which TensorFlow 2.0 changed; the file does not say its author",
            hint="--keras-version tf-1.15 or tf-2.0, whichever it was",
        )
    return last < CHANGED


def differs(ranks: tuple[int, int], axes: tuple[int, int] | None) -> bool:
    """Whether the two meanings are not one: then an axis counted from the end was taken for any but the last, and
    vectors without axes went across the batch."""
    return max(ranks) > 3 or (max(ranks) == 2 if axes is None else min(axes) <= 0)


def multiplied(emitter: Emitter, values: tuple[Value, Value], axes: tuple[int, int] | None) -> Any:
    """The product, after the smaller rank got ones at its end; `axes` as they were given."""
    ranks = len(shape_of(values[0])), len(shape_of(values[1]))
    rank = max(ranks)
    if rank == 2:
        raise emitter.refuse("batch_dot() of vectors along these axes, which its author's Keras takes across the batch")
    axes = axes or (ranks[0] - 1, ranks[1] - 2)
    padded = []
    # The first is transposed unless its last axis is summed, the second if it is: by the number among all axes.
    for value, turned in zip(values, (axes[0] != rank - 1, axes[1] == rank - 1), strict=True):
        for _ in range(rank - len(shape_of(value))):
            value = shaping.expand_dims(emitter, value, -1)
        padded.append(_turned(emitter, value) if turned else value)
    _check(emitter, [shape_of(value) for value in padded])
    found = product(emitter, *padded)
    extra = abs(ranks[0] - ranks[1])
    begin = sum(ranks) - 3 if ranks[0] > ranks[1] else ranks[0] - 1
    return shaping.squeeze(emitter, found, list(range(begin, begin + extra))) if extra else found


def _turned(emitter: Emitter, value: Value) -> Any:
    rank = len(shape_of(value))
    return shaping.transpose(emitter, value, [*range(rank - 2), rank - 1, rank - 2])


def _check(emitter: Emitter, shapes: list[tuple[int | None, ...]]) -> None:
    (*ahead, _, width), (*other, height, _) = shapes
    same = all(None in (a, b) or a == b for a, b in zip((*ahead, width), (*other, height), strict=True))
    if not same:
        raise emitter.refuse(f"batch_dot() of shapes that do not fit: {shapes[0]} and {shapes[1]}")
