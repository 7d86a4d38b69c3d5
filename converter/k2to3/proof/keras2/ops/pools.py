"""Pooling: nn_ops.py. Places outside of the input count for neither the largest nor the mean."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.proof.keras2.ops import spatial
from k2to3.proof.keras2.ops.arithmetic import Op
from k2to3.proof.keras2.ops.values import ints, tensor
from k2to3.proof.keras2.pooling import average, maximum
from k2to3.proof.keras2.tensor import Array


def pooled(
    x: Array, largest: bool, sizes: Any, strides: Any, padding: Any, data_format: Any, dilations: Any = None
) -> Array:
    x = spatial.last(x, data_format)
    if largest:
        lowest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
        x, padding = spatial.explicitly(x, padding, lowest, data_format)
    places, steps, holes = (spatial.each(value, x.ndim - 2, data_format) for value in (sizes, strides, dilations))
    windows = spatial.windows_of(x.shape[1:-1], places, steps, holes, str(padding))
    return spatial.back(maximum(x, windows) if largest else average(x, windows), data_format)


def _pool(largest: bool, rank: int | None) -> Op:
    """`rank` of the windows; None: as the input has it."""

    def op(
        input: Any = None, ksize: Any = None, strides: Any = None, padding: Any = "VALID", data_format: Any = None,
        *, value: Any = None,
    ) -> Array:  # fmt: skip
        x = tensor(value if input is None else input)
        if rank is not None and x.ndim != rank + 2:
            raise ValueError(f"an input of rank {x.ndim}")
        return pooled(x, largest, ksize, strides, padding, data_format)

    return op


def pool(
    input: Any, window_shape: Any, pooling_type: str, *, strides: Any = None, padding: str = "VALID",
    data_format: Any = None, dilations: Any = None, dilation_rate: Any = None,
) -> Array:  # fmt: skip
    holes = dilation_rate if dilations is None else dilations
    if pooling_type not in ("MAX", "AVG"):
        raise ValueError(f"pooling_type={pooling_type!r}")
    return pooled(tensor(input), pooling_type == "MAX", ints(window_shape), strides, padding, data_format, holes)


OPS: dict[str, Op] = {
    **{f"max_pool{rank}d": _pool(True, rank) for rank in (1, 2, 3)},
    **{f"avg_pool{rank}d": _pool(False, rank) for rank in (1, 2, 3)},
    "max_pool": _pool(True, None),
    "avg_pool": _pool(False, None),
    "pool": pool,
}
