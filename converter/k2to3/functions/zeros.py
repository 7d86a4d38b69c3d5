"""Zeros of extents that only the running model knows: what broadcasts a value onto them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from k2to3.functions.arithmetic import add_tensors
from k2to3.functions.dtypes import numpy_dtype
from k2to3.functions.emitter import Emitter
from k2to3.functions.extents import like, ones_along
from k2to3.functions.operands import check_size, elementwise, operand
from k2to3.functions.values import RuntimeDim, RuntimeInteger, Value
from k2to3.keras3.graph import Tensor


def runtime_zeros(emitter: Emitter, shape: Sequence[Value], dtype: str) -> Tensor:
    """Zeros of extents that only the running model knows (1 where the extent is given as such).

    Every unknown extent lends a column of zeros; broadcasting joins them.
    """
    found: Any = None
    kind = "int32" if dtype == "bool" else dtype
    for axis, extent in enumerate(shape):
        if not isinstance(extent, (RuntimeInteger, Tensor)):
            continue
        if not isinstance(extent, RuntimeDim):
            raise emitter.refuse("an extent that is computed from others at run time")
        ones = ones_along(emitter, extent, kind)
        zeros = like(emitter, "numpy.ZerosLike", ones, kind)
        target = [1] * len(shape)
        target[axis] = -1
        column = emitter.op("numpy.Reshape", zeros, config={"newshape": target})
        found = column if found is None else elementwise(emitter, "numpy.Subtract", found, column)
    fixed = [1 if isinstance(n, (RuntimeInteger, Tensor)) else int(n) for n in shape]
    if any(n != 1 for n in fixed):
        check_size(emitter, fixed)
        # Constant second, more than one axis: see `arithmetic.bias_like`.
        found = elementwise(emitter, "numpy.Subtract", found, np.zeros(fixed, numpy_dtype(kind)))
    if dtype == "bool":
        return emitter.op("core.Cast", found, config={"dtype": "bool"})
    result: Tensor = found
    return result


def broadcast_onto(emitter: Emitter, zeros: Tensor, value: Value, dtype: str) -> Any:
    if dtype == "bool":
        return elementwise(emitter, "numpy.LogicalOr", zeros, operand(emitter, value, dtype), dtype="bool")
    return add_tensors(emitter, zeros, value)
