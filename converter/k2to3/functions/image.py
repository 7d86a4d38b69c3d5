"""`tf.image`: resizing."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.functions.arguments import integer, integers, known_extent
from k2to3.functions.casting import cast
from k2to3.functions.dtypes import is_float
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.image_geometry import pad_to_bounding_box
from k2to3.functions.linalg import einsum
from k2to3.functions.operands import as_tensor
from k2to3.functions.resampling import KERNELS, matrix
from k2to3.functions.shaping import expand_dims, is_plain, squeeze
from k2to3.functions.values import Value
from k2to3.keras3.graph import Tensor

symbol = Family()

# Methods that keep an image of the wanted size as it is; the others blur it.
EXACT = ("bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5")
METHODS = {0: "bilinear", 1: "nearest", 2: "bicubic", 3: "area"}


def resized(
    emitter: Emitter,
    images: Value,
    size: Value,
    method: str,
    *,
    antialias: bool = False,
    align_corners: bool = False,
    half_pixel: bool = True,
    skip_same: bool = False,
) -> Any:
    """Resize (batch, height, width, channels) images, or one image without the batch."""
    tensor = as_tensor(emitter, images)
    if len(tensor.shape) == 3:
        batched = expand_dims(emitter, tensor, 0)
        return squeeze(
            emitter,
            resized(
                emitter,
                batched,
                size,
                method,
                antialias=antialias,
                align_corners=align_corners,
                half_pixel=half_pixel,
                skip_same=skip_same,
            ),
            0,
        )
    height, width = integers(emitter, size, "size")
    if tensor.shape[1:3] == (height, width) and (skip_same or method in EXACT):
        is_same = skip_same or method == "nearest" or is_float(tensor.dtype)
        return tensor if is_same else cast(emitter, tensor, "float32")
    plain = method in ("bilinear", "nearest") and half_pixel and not align_corners and not antialias
    if plain and is_float(tensor.dtype) and is_plain(tensor):
        config = {"height": height, "width": width, "interpolation": method, "data_format": "channels_last"}
        return emitter.call("Resizing", config, tensor)
    if method != "area" and method != "nearest" and method not in KERNELS:
        raise emitter.refuse(f"resizing by {method!r}")
    return _by_matrices(emitter, tensor, height, width, method, antialias, align_corners, half_pixel)


def _by_matrices(
    emitter: Emitter,
    tensor: Tensor,
    height: int,
    width: int,
    method: str,
    antialias: bool,
    align_corners: bool,
    half_pixel: bool,
) -> Any:
    options: dict[str, Any] = {"align_corners": align_corners, "half_pixel": half_pixel}
    options["antialias"] = antialias and method != "nearest"
    rows, columns = (known_extent(emitter, tensor, axis) for axis in (1, 2))
    kind = tensor.dtype
    floats = tensor if is_float(kind) else cast(emitter, tensor, "float32")
    down = matrix(method, rows, height, **options).astype("float32")
    across = matrix(method, columns, width, **options).astype("float32")
    found = einsum(emitter, "bhwc,yh->bywc", floats, down)
    found = einsum(emitter, "bywc,xw->byxc", found, across)
    return cast(emitter, found, kind) if method == "nearest" else found


@symbol("tf.image.resize")
def resize(
    emitter: Emitter,
    images: Value,
    size: Value,
    method: Value = "bilinear",
    preserve_aspect_ratio: Value = False,
    antialias: Value = False,
    name: Value = None,
) -> Any:
    kind = METHODS.get(method, method) if isinstance(method, int) else str(method)
    if preserve_aspect_ratio:
        size = _fitting(emitter, images, size)
    return resized(emitter, images, size, str(kind), antialias=bool(antialias))


def _fitting(emitter: Emitter, images: Value, size: Value) -> list[int]:
    """The largest size of the same aspect that fits, counted in float32 as TensorFlow does."""
    wanted = [np.float32(n) for n in integers(emitter, size, "size")]
    have = [np.float32(known_extent(emitter, images, axis)) for axis in (-3, -2)]
    scale = min(a / b for a, b in zip(wanted, have, strict=True))
    return [int(np.round(scale * n)) for n in have]


@symbol("tf.image.resize_with_pad")
def resize_with_pad(
    emitter: Emitter,
    image: Value,
    target_height: Value,
    target_width: Value,
    method: Value = "bilinear",
    antialias: Value = False,
) -> Any:
    """Resized to fit, and zeros around it."""
    wanted = [np.float32(integer(emitter, n, "size")) for n in (target_height, target_width)]
    have = [np.float32(known_extent(emitter, image, axis)) for axis in (-3, -2)]
    ratio = max(b / a for a, b in zip(wanted, have, strict=True))
    exact = [n / ratio for n in have]
    before = [max(0, int(np.floor((a - b) / 2))) for a, b in zip(wanted, exact, strict=True)]
    found = resize(emitter, image, [int(np.floor(n)) for n in exact], method, False, antialias)
    return pad_to_bounding_box(emitter, found, *before, target_height, target_width)


@symbol("tf.image.resize_images", "tf.compat.v1.image.resize", "tf.compat.v1.image.resize_images")
def resize_images_v1(
    emitter: Emitter,
    images: Value,
    size: Value,
    method: Value = 0,
    align_corners: Value = False,
    preserve_aspect_ratio: Value = False,
    name: Value = None,
) -> Any:
    """TensorFlow 1's `tf.image.resize`: corners, not centres, of pixels are aligned."""
    kind = METHODS.get(method, method) if isinstance(method, int) else str(method)
    if preserve_aspect_ratio:
        size = _fitting(emitter, images, size)
    corners = bool(align_corners)
    return resized(emitter, images, size, str(kind), align_corners=corners, half_pixel=False, skip_same=True)


def _legacy(method: str) -> None:
    def apply(
        emitter: Emitter,
        images: Value,
        size: Value,
        align_corners: Value = False,
        name: Value = None,
        half_pixel_centers: Value = False,
    ) -> Any:
        return resized(
            emitter, images, size, method, align_corners=bool(align_corners), half_pixel=bool(half_pixel_centers)
        )

    suffix = "nearest_neighbor" if method == "nearest" else method
    symbol(f"tf.image.resize_{suffix}")(apply)


for _method in ("bilinear", "nearest", "bicubic", "area"):
    _legacy(_method)
