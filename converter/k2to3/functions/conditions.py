"""Choosing element by element, by a condition."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.functions.dtypes import dtype_of
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.operands import check_equal, check_fit, constant_array, operand, shape_of
from k2to3.functions.shaping import expand_dims
from k2to3.functions.values import Value, holds_runtime
from k2to3.keras3.graph import Tensor

symbol = Family()


@symbol("tf.where")
def where(emitter: Emitter, condition: Value, x: Value = None, y: Value = None, name: Value = None) -> Any:
    if x is None and y is None:
        raise emitter.refuse(
            "where() with one argument: the shape of its result depends on the data",
            hint="keep the shape and multiply by the condition instead",
        )
    if _picks_rows(emitter, condition, (x, y)):
        return where_v1(emitter, condition, x, y)
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
        check_fit(emitter, [shape_of(condition), x.shape, y.shape])
        if not shape_of(condition):
            raise emitter.refuse("a choice between constants by a scalar condition")
    else:
        ready = [operand(emitter, v, k) for v, k in zip((condition, x, y), ("bool", kind, kind), strict=True)]
        check_fit(emitter, [shape_of(v) for v in ready])
    return emitter.op("numpy.Where", *ready)


def _picks_rows(emitter: Emitter, condition: Value, values: tuple[Value, Value]) -> bool:
    """A condition of one axis over larger values: rows in TensorFlow 1; in 2 the batch along the last axis, which no
    model can mean. Multi-backend Keras ran on both."""
    writer = emitter.writer
    one = isinstance(condition, Tensor) and len(condition.shape) == 1
    larger = max(len(shape_of(value)) for value in values) > 1 if one else False
    return larger and (writer.standalone or writer.releases[0] < (2,))


@symbol("tf.compat.v1.where", "tf.raw.Select")
def where_v1(emitter: Emitter, condition: Value, x: Value = None, y: Value = None, name: Value = None) -> Any:
    """TensorFlow 1's: a condition of rank 1 chooses whole rows; nothing broadcasts."""
    if x is not None and y is not None:
        check_equal(emitter, [shape_of(x), shape_of(y)])
        chosen = shape_of(condition)
        check_equal(emitter, [chosen, shape_of(x)[: len(chosen)] if len(chosen) < 2 else shape_of(x)])
    if isinstance(condition, Tensor) and len(condition.shape) == 1:
        rank = max(len(shape_of(v)) for v in (x, y))
        for _ in range(rank - 1):
            condition = expand_dims(emitter, condition, -1)
    return where(emitter, condition, x, y)
