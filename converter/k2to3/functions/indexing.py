"""Elements along one axis by their index: what subscripts and `tf.gather` share."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.functions.arguments import static
from k2to3.functions.casting import cast
from k2to3.functions.dtypes import INTEGERS
from k2to3.functions.emitter import Emitter
from k2to3.functions.values import Value
from k2to3.keras3.graph import Tensor


def index_operand(emitter: Emitter, value: Value) -> Any:
    """Indices as an integer tensor, or an array."""
    if isinstance(value, Tensor):
        if value.dtype in ("uint8", "uint16", "int8", "int16", "uint32", "uint64"):
            return cast(emitter, value, "int32")
        if value.dtype not in INTEGERS:
            raise emitter.refuse(f"indices of dtype {value.dtype}")
        return value
    return np.asarray(static(emitter, value, "indices"), "int32")


def take(emitter: Emitter, source: Any, index: Any, axis: int) -> Any:
    """Take along one axis; a table that is a constant stands in the arguments."""
    if isinstance(index, np.ndarray) and index.ndim == 0:
        key = [slice(None)] * axis + [int(index)]
        return emitter.op("numpy.GetItem", source, key)
    return emitter.op("numpy.Take", source, index, config={"axis": axis})
