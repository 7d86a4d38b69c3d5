"""Convolutions, plain, by channel, separable and transposed."""

from __future__ import annotations

import re

from k2to3.errors import UnsupportedOption
from k2to3.keras3.layers.built import features
from k2to3.keras3.layers.facts import LayerFacts, Rows, Use, computed, drops
from k2to3.keras3.layers.space import conv_extent, deconv_extent, join, pair, split
from k2to3.keras3.types import Shape


def convolved(use: Use) -> list[Shape]:
    space, channels = split(use.layer, use.shape)
    config, rank = use.config, len(space)
    kernel, strides = pair(config["kernel_size"], rank), pair(config.get("strides", 1), rank)
    dilation = pair(config.get("dilation_rate", 1), rank)
    if re.fullmatch("Conv[123]D", use.layer.class_name):
        check_steps(use, strides, dilation)
    found = [
        conv_extent(*item, config.get("padding", "valid"))
        for item in zip(space, kernel, strides, dilation, strict=True)
    ]
    if "filters" in config:
        channels = config["filters"]
    elif channels is not None:
        channels = channels * config.get("depth_multiplier", 1)
    return [join(use.layer, use.shape[0], found, channels)]


def check_steps(use: Use, strides: list[int], dilation: list[int]) -> None:
    """Keras 3 makes no layer that strides over a dilated kernel.

    Raises:
        UnsupportedOption: this one does.
    """
    if max(strides) > 1 and max(dilation) > 1:
        text = f"strides {strides} over a kernel dilated by {dilation}; Keras 3 refuses"
        raise UnsupportedOption(text, layer=use.layer.name, key="dilation_rate")


def transposed(use: Use) -> list[Shape]:
    space, _ = split(use.layer, use.shape)
    config, rank = use.config, len(space)
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
    return [join(use.layer, use.shape[0], found, config["filters"])]


CONV = LayerFacts(outputs=convolved, dtype=computed, mask=drops, built=features)
TRANSPOSED = LayerFacts(outputs=transposed, dtype=computed, mask=drops, built=features)

ROWS: Rows = {
    "Conv1D": CONV,
    "Conv2D": CONV,
    "Conv3D": CONV,
    "DepthwiseConv1D": CONV,
    "DepthwiseConv2D": CONV,
    "SeparableConv1D": CONV,
    "SeparableConv2D": CONV,
    "Conv1DTranspose": TRANSPOSED,
    "Conv2DTranspose": TRANSPOSED,
    "Conv3DTranspose": TRANSPOSED,
}
