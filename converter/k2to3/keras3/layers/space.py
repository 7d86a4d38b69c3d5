"""Spatial axes: where they stand, and what windows make of them."""

from __future__ import annotations

from typing import Any

from k2to3.errors import UnsupportedOption
from k2to3.keras3.layer import Layer
from k2to3.keras3.types import Shape

Extent = int | None


def pair(value: Any, rank: int) -> list[int]:
    """An int or a sequence as a list of `rank` ints."""
    if isinstance(value, (list, tuple)):
        return list(value) * rank if len(value) == 1 else list(value)
    return [value] * rank


def split(layer: Layer, shape: Shape) -> tuple[list[Extent], Extent]:
    """Spatial extents and channels of an input, whatever the data format."""
    if layer.config.get("data_format") == "channels_first":
        return list(shape[2:]), shape[1]
    return list(shape[1:-1]), shape[-1]


def join(layer: Layer, batch: Extent, space: list[Extent], channels: Extent) -> Shape:
    if layer.config.get("data_format") == "channels_first":
        return (batch, channels, *space)
    return (batch, *space, channels)


def conv_extent(size: Extent, kernel: int, stride: int, dilation: int, padding: str) -> Extent:
    """Length of one spatial axis after a convolution or a pooling.

    Raises:
        UnsupportedOption: nothing is left of it; Keras 3 refuses.
    """
    if size is None:
        return None
    left = size - dilation * (kernel - 1) if padding == "valid" else size
    if left <= 0:
        raise UnsupportedOption(
            f"nothing is left of an axis of {size} under a window of {kernel}, dilated by {dilation}"
        )
    return -(-left // stride)


def deconv_extent(size: Extent, kernel: int, stride: int, dilation: int, padding: str, extra: int | None) -> Extent:
    """Length of one spatial axis after a transposed convolution."""
    if size is None:
        return None
    span = dilation * (kernel - 1) + 1
    if extra is not None:
        pad = span // 2 if padding == "same" else 0
        return (size - 1) * stride + span - 2 * pad + extra
    return size * stride + max(span - stride, 0) if padding == "valid" else size * stride


def margins(value: Any, rank: int) -> list[tuple[int, int]]:
    """What is added or cut before and after, by axis."""
    if isinstance(value, int):
        return [(value, value)] * rank
    if rank == 1:
        return [(value[0], value[1])]
    return [(item, item) if isinstance(item, int) else (item[0], item[1]) for item in value]
