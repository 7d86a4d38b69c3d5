"""Convolutions as ops, and one-hot encodings."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from k2to3.errors import BadConfig
from k2to3.keras3.ops.values import Specs, Value, common, shape_of
from k2to3.keras3.types import Extent, Shape, Spec, fit

Steps = int | Sequence[int]


def convolved(x: Value, kernel: Value, *, strides: Steps, padding: str, data_format: str, dilation_rate: Steps) -> Spec:
    return _windows(x, kernel, strides, padding, dilation_rate, shape_of(kernel)[-1]), common(x, kernel)


def convolved_by_channel(
    x: Value, kernel: Value, *, strides: Steps, padding: str, data_format: str, dilation_rate: Steps
) -> Spec:
    channels = prod(n or 0 for n in shape_of(kernel)[-2:])
    return _windows(x, kernel, strides, padding, dilation_rate, channels), common(x, kernel)


def _windows(x: Value, kernel: Value, strides: Steps, padding: str, dilation: Steps, channels: Extent) -> Shape:
    """With channels last, the one format that is written."""
    shape, sizes = shape_of(x), shape_of(kernel)
    if len(sizes) != len(shape) or not fit(shape[-1], sizes[-2]):
        raise BadConfig(f"a kernel of shape {sizes} over an input of shape {shape}")
    rank = len(shape) - 2
    steps, gaps = ([value] * rank if isinstance(value, int) else list(value) for value in (strides, dilation))
    space = [
        _extent(n, k or 0, s, d, padding) for n, k, s, d in zip(shape[1:-1], sizes[:rank], steps, gaps, strict=True)
    ]
    return (shape[0], *space, channels)


def _extent(extent: Extent, window: int, stride: int, dilation: int, padding: str) -> Extent:
    if extent is None:
        return None
    if padding == "same":
        return -(-extent // stride)
    left = extent - dilation * (window - 1)
    if left <= 0:
        raise BadConfig(f"nothing is left of an axis of {extent} under a window of {window}, dilated by {dilation}")
    return -(-left // stride)


def encoded(x: Value, *, num_classes: int, axis: int = -1, dtype: str = "float32", sparse: bool = False) -> Spec:
    shape = shape_of(x)
    at = axis % (len(shape) + 1)
    return (*shape[:at], num_classes, *shape[at:]), dtype


SPECS: Specs = {
    "nn.Conv": convolved,
    "nn.DepthwiseConv": convolved_by_channel,
    "nn.OneHot": encoded,
}
