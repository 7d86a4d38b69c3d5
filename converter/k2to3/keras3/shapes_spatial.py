"""Shapes of convolutions, pooling, padding, cropping and upsampling."""

from __future__ import annotations

from collections.abc import Callable
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
    """Length of one spatial axis after a convolution or a pooling."""
    if size is None:
        return None
    if padding == "valid":
        size = size - dilation * (kernel - 1)
    return -(-size // stride)


def deconv_extent(size: Extent, kernel: int, stride: int, dilation: int, padding: str, extra: int | None) -> Extent:
    """Length of one spatial axis after a transposed convolution."""
    if size is None:
        return None
    span = dilation * (kernel - 1) + 1
    if extra is not None:
        pad = span // 2 if padding == "same" else 0
        return (size - 1) * stride + span - 2 * pad + extra
    return size * stride + max(span - stride, 0) if padding == "valid" else size * stride


def _conv(layer: Layer, shapes: list[Shape]) -> Shape:
    space, channels = split(layer, shapes[0])
    config, rank = layer.config, len(space)
    kernel, strides = pair(config["kernel_size"], rank), pair(config.get("strides", 1), rank)
    dilation = pair(config.get("dilation_rate", 1), rank)
    found = [
        conv_extent(*item, config.get("padding", "valid"))
        for item in zip(space, kernel, strides, dilation, strict=True)
    ]
    if "filters" in config:
        channels = config["filters"]
    elif channels is not None:
        channels = channels * config.get("depth_multiplier", 1)
    return join(layer, shapes[0][0], found, channels)


def _deconv(layer: Layer, shapes: list[Shape]) -> Shape:
    space, _ = split(layer, shapes[0])
    config, rank = layer.config, len(space)
    extra = config.get("output_padding")
    extras: list[int | None] = [None] * rank if extra is None else list(pair(extra, rank))
    columns = zip(
        space,
        pair(config["kernel_size"], rank),
        pair(config.get("strides", 1), rank),
        pair(config.get("dilation_rate", 1), rank),
        extras,
        strict=True,
    )
    found = [deconv_extent(n, k, s, d, config["padding"], e) for n, k, s, d, e in columns]
    return join(layer, shapes[0][0], found, config["filters"])


def _pool(layer: Layer, shapes: list[Shape]) -> Shape:
    space, channels = split(layer, shapes[0])
    size = pair(layer.config["pool_size"], len(space))
    strides = pair(layer.config.get("strides") or size, len(space))
    padding = layer.config.get("padding", "valid")
    found = [conv_extent(n, k, s, 1, padding) for n, k, s in zip(space, size, strides, strict=True)]
    return join(layer, shapes[0][0], found, channels)


def _global_pool(layer: Layer, shapes: list[Shape]) -> Shape:
    space, channels = split(layer, shapes[0])
    if layer.config.get("keepdims"):
        return join(layer, shapes[0][0], [1] * len(space), channels)
    return (shapes[0][0], channels)


def _margins(value: Any, rank: int) -> list[tuple[int, int]]:
    if isinstance(value, int):
        return [(value, value)] * rank
    if rank == 1:
        return [(value[0], value[1])]
    return [(item, item) if isinstance(item, int) else (item[0], item[1]) for item in value]


def _pad(layer: Layer, shapes: list[Shape]) -> Shape:
    space, channels = split(layer, shapes[0])
    margins = _margins(layer.config["padding"], len(space))
    found = [None if n is None else n + a + b for n, (a, b) in zip(space, margins, strict=True)]
    return join(layer, shapes[0][0], found, channels)


def _crop(layer: Layer, shapes: list[Shape]) -> Shape:
    space, channels = split(layer, shapes[0])
    margins = _margins(layer.config["cropping"], len(space))
    found = [None if n is None else n - a - b for n, (a, b) in zip(space, margins, strict=True)]
    if any(n is not None and n <= 0 for n in found):
        raise UnsupportedOption(f"crops an input of shape {shapes[0]} away; Keras 3 refuses", layer=layer.name)
    return join(layer, shapes[0][0], found, channels)


def _upsample(layer: Layer, shapes: list[Shape]) -> Shape:
    space, channels = split(layer, shapes[0])
    size = pair(layer.config["size"], len(space))
    found = [None if n is None else n * k for n, k in zip(space, size, strict=True)]
    return join(layer, shapes[0][0], found, channels)


def _by_rank(
    rule: Callable[[Layer, list[Shape]], Shape], *patterns: str
) -> dict[str, Callable[[Layer, list[Shape]], Shape]]:
    return {pattern.format(rank): rule for pattern in patterns for rank in (1, 2, 3)}


SPATIAL = {
    **_by_rank(_conv, "Conv{}D", "DepthwiseConv{}D", "SeparableConv{}D"),
    **_by_rank(_deconv, "Conv{}DTranspose"),
    **_by_rank(_pool, "MaxPooling{}D", "AveragePooling{}D"),
    **_by_rank(_global_pool, "GlobalMaxPooling{}D", "GlobalAveragePooling{}D"),
    **_by_rank(_pad, "ZeroPadding{}D"),
    **_by_rank(_crop, "Cropping{}D"),
    **_by_rank(_upsample, "UpSampling{}D"),
}
