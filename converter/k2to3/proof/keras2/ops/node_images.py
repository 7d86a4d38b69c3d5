"""Nodes of a graph that work on images."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from k2to3.proof.keras2 import resampling, resize
from k2to3.proof.keras2.ops import colours, images
from k2to3.proof.keras2.ops.values import ints
from k2to3.proof.keras2.tensor import Array

Attributes = dict[str, Any]
Node = Callable[[list[Any], Attributes], Any]


def _resize(method: str) -> Node:
    def run(inputs: list[Any], attributes: Attributes) -> Any:
        half, aligned = bool(attributes.get("half_pixel_centers")), bool(attributes.get("align_corners"))
        return images.resize_images(inputs[0], inputs[1], method, half_pixels=half, align_corners=aligned)

    return run


def _scale_and_translate(inputs: list[Any], attributes: Attributes) -> Array:
    x, size, scale, translation = inputs
    kernel, antialias = str(attributes.get("kernel_type", "lanczos3")), bool(attributes.get("antialias", True))
    rows, columns = (
        resampling.spans(kernel, n, m, float(s), float(t), antialias)
        for n, m, s, t in zip(x.shape[1:3], ints(size), scale, translation, strict=True)
    )
    return resize.applied(x, rows, columns)


def _patches(inputs: list[Any], attributes: Attributes) -> Array:
    return images.extract_patches(inputs[0], *(attributes[key] for key in ("ksizes", "strides", "rates", "padding")))


def _volumes(inputs: list[Any], attributes: Attributes) -> Array:
    return images.extract_volume_patches(inputs[0], *(attributes[key] for key in ("ksizes", "strides", "padding")))


NODES: dict[str, Node] = {
    "ResizeBilinear": _resize("bilinear"),
    "ResizeNearestNeighbor": _resize("nearest"),
    "ResizeBicubic": _resize("bicubic"),
    "ResizeArea": _resize("area"),
    "ScaleAndTranslate": _scale_and_translate,
    "ExtractImagePatches": _patches,
    "ExtractVolumePatches": _volumes,
    "AdjustContrastv2": lambda inputs, attributes: colours.adjust_contrast(*inputs),
    "AdjustHue": lambda inputs, attributes: colours.adjust_hue(*inputs),
    "AdjustSaturation": lambda inputs, attributes: colours.adjust_saturation(*inputs),
    "RGBToHSV": lambda inputs, attributes: colours.rgb_to_hsv(inputs[0]),
    "HSVToRGB": lambda inputs, attributes: colours.hsv_to_rgb(inputs[0]),
}
