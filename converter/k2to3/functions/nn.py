"""Biases and normalisations of `tf.nn`."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.functions.arguments import known_extent
from k2to3.functions.arithmetic import add_tensors
from k2to3.functions.dtypes import dtype_of
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.linalg import einsum
from k2to3.functions.operands import as_tensor, elementwise
from k2to3.functions.values import Value
from k2to3.functions.windows import channels_first
from k2to3.keras3.graph import Tensor

symbol = Family()


@symbol("tf.nn.bias_add")
def bias_add(emitter: Emitter, input: Value, bias: Value, data_format: Value = None, name: Value = None) -> Any:
    tensor = as_tensor(emitter, input)
    if channels_first(data_format):
        width = [1] * (len(tensor.shape) - 2)
        if isinstance(bias, Tensor):
            raise emitter.refuse("a bias that is a tensor, in NCHW")
        bias = np.reshape(np.asarray(bias, tensor.dtype), (-1, *width))
    return add_tensors(emitter, tensor, bias)


@symbol("tf.nn.batch_normalization")
def batch_normalization(
    emitter: Emitter,
    x: Value,
    mean: Value,
    variance: Value,
    offset: Value = None,
    scale: Value = None,
    variance_epsilon: Value = 1e-3,
    name: Value = None,
) -> Any:
    """In TensorFlow's order of operations: x·inv + (offset − mean·inv)."""
    inverse = elementwise(emitter, "math.Rsqrt", add_tensors(emitter, variance, variance_epsilon))
    if scale is not None:
        inverse = elementwise(emitter, "numpy.Multiply", inverse, scale)
    shift = elementwise(emitter, "numpy.Multiply", mean, inverse)
    shift = elementwise(emitter, "numpy.Subtract", 0.0 if offset is None else offset, shift)
    return add_tensors(emitter, elementwise(emitter, "numpy.Multiply", x, inverse), shift)


@symbol("tf.nn.local_response_normalization", "tf.nn.lrn")
def local_response_normalization(
    emitter: Emitter,
    input: Value,
    depth_radius: Value = 5,
    bias: Value = 1.0,
    alpha: Value = 1.0,
    beta: Value = 0.5,
    name: Value = None,
) -> Any:
    """Sums over neighbouring channels as a product with a band matrix."""
    channels = known_extent(emitter, input, -1)
    i, j = np.indices((channels, channels))
    band = (abs(i - j) <= int(depth_radius)).astype(dtype_of(input))
    sums = einsum(emitter, "abcd,de->abce", elementwise(emitter, "numpy.Square", input), band)
    base = elementwise(emitter, "numpy.Add", elementwise(emitter, "numpy.Multiply", sums, float(alpha)), float(bias))
    return elementwise(emitter, "numpy.TrueDivide", input, elementwise(emitter, "numpy.Power", base, float(beta)))
