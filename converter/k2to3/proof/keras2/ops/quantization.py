"""Fake quantization: core/kernels/fake_quant_ops_functor.h, quantize_and_dequantize_op.h.

In float32 whatever the run: these are steps, and which one a value falls on hangs on how it was rounded.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.proof.keras2.ops.arithmetic import Op
from k2to3.proof.keras2.ops.values import tensor
from k2to3.proof.keras2.tensor import Array


def fake_quant(inputs: Any, min: Any = -6, max: Any = 6, num_bits: Any = 8, narrow_range: bool = False) -> Array:
    """Onto whole steps between `min` and `max`, moved so that zero is one of them; by channel where they are many."""
    given = tensor(inputs)
    low, high = np.asarray(min, np.float32), np.asarray(max, np.float32)
    first, final = np.float32(1 if narrow_range else 0), np.float32(2 ** int(num_bits) - 1)
    if not (low < high).all() or int(num_bits) > 8:
        raise ValueError("min is not below max, or steps so fine that every kernel rounds them otherwise")
    scale = (high - low) / (final - first)
    # Half away from zero, as C++ rounds.
    zero = np.clip(np.floor(first - low / scale + np.float32(0.5)), first, final)
    bottom, top = (first - zero) * scale, (final - zero) * scale
    steps = (np.clip(given.astype(np.float32), bottom, top) - bottom) / scale
    return np.asarray(np.floor(steps + np.float32(0.5)) * scale + bottom).astype(given.dtype)


def quantize_and_dequantize(
    input: Any, input_min: Any, input_max: Any, signed_input: bool = True, num_bits: Any = 8,
    range_given: bool = False, round_mode: str = "HALF_TO_EVEN", narrow_range: bool = False, axis: Any = None,
) -> Array:  # fmt: skip
    given = tensor(input)
    if axis not in (None, -1) or round_mode not in ("HALF_TO_EVEN", "HALF_UP"):
        raise ValueError(f"axis={axis!r}, round_mode={round_mode!r}")
    x, bits = given.astype(np.float32), int(num_bits)
    least = (-(2 ** (bits - 1)) + (1 if narrow_range else 0)) if signed_input else 0
    most = 2 ** (bits - 1) - 1 if signed_input else 2**bits - 1
    low, high = (np.float32(y) for y in ((input_min, input_max) if range_given else (x.min(), x.max())))
    biggest = np.finfo(np.float32).max
    from_low = np.float32(least) / low if least * low > 0 else biggest
    from_high = np.float32(most) / high if most * high > 0 else biggest
    scale = min(from_low, from_high)
    step = low / np.float32(least) if from_low < from_high else high / np.float32(most)
    if range_given:
        # The side that did not set the scale is moved to where its last step is.
        low, high = (low, most * step) if from_low < from_high else (least * step, high)
        x = np.clip(x, np.float32(low), np.float32(high))
    steps = np.rint(x * scale) if round_mode == "HALF_TO_EVEN" else np.floor(x * scale + np.float32(0.5))
    return np.asarray(steps * step).astype(given.dtype)


OPS: dict[str, Op] = {
    "fake_quant_with_min_max_args": fake_quant,
    "fake_quant_with_min_max_vars": fake_quant,
    "fake_quant_with_min_max_vars_per_channel": fake_quant,
    "quantize_and_dequantize": quantize_and_dequantize,
    "quantize_and_dequantize_v2": quantize_and_dequantize,
    "quantize_and_dequantize_v4": quantize_and_dequantize,
}
