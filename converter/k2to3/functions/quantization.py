"""tf.quantization: what quantisation-aware training puts into a model."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.functions.arguments import integer
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.operands import as_tensor, constant_array, elementwise
from k2to3.functions.values import Value, holds_runtime

symbol = Family()

Array = np.ndarray[Any, Any]


def nudged(low: Array, high: Array, bits: int, narrow: bool) -> tuple[Array, Array, Array]:
    """The range moved so that zero is one of its steps, and the size of a step.

    Source: `Nudge` in tensorflow/core/kernels/fake_quant_ops_functor.h.
    """
    least, most = np.float32(1 if narrow else 0), np.float32((1 << bits) - 1)
    scale = (high - low) / (most - least)
    zero = least - low / scale
    point = np.where(zero < least, least, np.where(zero > most, most, np.floor(zero + np.float32(0.5))))
    point = point.astype("float32")
    return (least - point) * scale, (most - point) * scale, scale


def _fake(emitter: Emitter, inputs: Value, low: Value, high: Value, bits: Value, narrow: Value) -> Any:
    if holds_runtime(low) or holds_runtime(high):
        raise emitter.refuse("quantisation with a range that is a tensor")
    start, end = (constant_array(emitter, v, "float32") for v in (low, high))
    if not np.all(start < end):
        raise emitter.refuse("quantisation with an empty range")
    bottom, top, step = nudged(start, end, integer(emitter, bits, "num_bits"), bool(narrow))
    tensor = as_tensor(emitter, inputs)
    clipped = elementwise(emitter, "numpy.Minimum", elementwise(emitter, "numpy.Maximum", tensor, bottom), top)
    shifted = elementwise(emitter, "numpy.Subtract", clipped, bottom)
    steps = elementwise(emitter, "numpy.Multiply", shifted, np.float32(1) / step)
    whole = elementwise(emitter, "numpy.Floor", elementwise(emitter, "numpy.Subtract", steps, -0.5))
    scaled = elementwise(emitter, "numpy.Multiply", whole, step)
    return elementwise(emitter, "numpy.Subtract", scaled, -bottom)


@symbol("tf.quantization.fake_quant_with_min_max_args", "tf.fake_quant_with_min_max_args")
def fake_quant_args(
    emitter: Emitter,
    inputs: Value,
    min: Value = -6,
    max: Value = 6,
    num_bits: Value = 8,
    narrow_range: Value = False,
    name: Value = None,
) -> Any:
    return _fake(emitter, inputs, min, max, num_bits, narrow_range)


@symbol(
    "tf.quantization.fake_quant_with_min_max_vars",
    "tf.quantization.fake_quant_with_min_max_vars_per_channel",
    "tf.fake_quant_with_min_max_vars",
    "tf.fake_quant_with_min_max_vars_per_channel",
)
def fake_quant_vars(
    emitter: Emitter,
    inputs: Value,
    min: Value,
    max: Value,
    num_bits: Value = 8,
    narrow_range: Value = False,
    name: Value = None,
) -> Any:
    return _fake(emitter, inputs, min, max, num_bits, narrow_range)


@symbol(
    "tf.quantization.quantize_and_dequantize_v2",
    "tf.quantization.quantize_and_dequantize",
    "tf.quantize_and_dequantize_v4",
)
def quantize_and_dequantize(
    emitter: Emitter,
    input: Value,
    input_min: Value,
    input_max: Value,
    signed_input: Value = True,
    num_bits: Value = 8,
    range_given: Value = False,
    round_mode: Value = "HALF_TO_EVEN",
    name: Value = None,
    narrow_range: Value = False,
    axis: Value = None,
) -> Any:
    """Source: tensorflow/core/kernels/quantize_and_dequantize_op.h."""
    if not range_given or axis not in (None, -1) or narrow_range:
        raise emitter.refuse("quantize_and_dequantize without a range of its own, per axis, or narrow")
    if holds_runtime(input_min) or holds_runtime(input_max):
        raise emitter.refuse("quantisation with a range that is a tensor")
    low, high = (np.float32(constant_array(emitter, v, "float32")) for v in (input_min, input_max))
    bits = integer(emitter, num_bits, "num_bits")
    least = -(1 << (bits - 1)) if signed_input else 0
    most = (1 << (bits - 1)) - 1 if signed_input else (1 << bits) - 1
    limit = np.float32(np.finfo("float32").max)
    by_low = np.float32(least) / low if least * low > 0 else limit
    by_high = np.float32(most) / high if most * high > 0 else limit
    if by_low < by_high:
        scale, step = by_low, low / np.float32(least)
        high = np.float32(most) * step
    else:
        scale, step = by_high, high / np.float32(most)
        low = np.float32(least) * step
    tensor = as_tensor(emitter, input)
    clipped = elementwise(
        emitter, "numpy.Minimum", elementwise(emitter, "numpy.Maximum", tensor, float(low)), float(high)
    )
    scaled = elementwise(emitter, "numpy.Multiply", clipped, float(scale))
    return elementwise(emitter, "numpy.Multiply", _rounded(emitter, scaled, round_mode), float(step))


def _rounded(emitter: Emitter, value: Value, mode: Value) -> Any:
    if mode == "HALF_UP":
        return elementwise(emitter, "numpy.Floor", elementwise(emitter, "numpy.Subtract", value, -0.5))
    if mode == "HALF_TO_EVEN":
        return emitter.op("numpy.Round", value, config={"decimals": 0})
    raise emitter.refuse(f"rounding mode {mode!r}")
