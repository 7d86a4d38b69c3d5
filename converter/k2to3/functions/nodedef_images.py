"""NodeDef ops on images: convolutions, pooling, resizing."""

from __future__ import annotations

import numpy as np

from k2to3.functions.emitter import Emitter
from k2to3.functions.image import resized
from k2to3.functions.nodedef_handlers import Handlers, Inputs, tensorflow
from k2to3.functions.nodedef_reading import NodeDef
from k2to3.functions.values import Value, holds_runtime

node = Handlers()


@node("ResizeBilinear", "ResizeNearestNeighbor", "ResizeBicubic", "ResizeArea")
def resize(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    name = {"ResizeNearestNeighbor": "nearest_neighbor"}.get(n.op, n.op.removeprefix("Resize").lower())
    flags = {key: n.get(key, False) for key in ("align_corners", "half_pixel_centers")}
    return tensorflow(emitter, f"compat.v1.image.resize_{name}", *x, **flags)


def _padding(n: NodeDef) -> Value:
    """`EXPLICIT` widths come as one flat list."""
    found = n.get("padding", "VALID")
    if found != "EXPLICIT":
        return found
    flat = n.get("explicit_paddings", [])
    return [flat[i : i + 2] for i in range(0, len(flat), 2)]


@node("Conv2D", "Conv3D")
def conv(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    options = {"data_format": n.get("data_format"), "dilations": n.get("dilations")}
    return tensorflow(emitter, "nn.conv2d", *x, strides=n.get("strides"), padding=_padding(n), **options)


@node("Conv2DBackpropInput", "Conv3DBackpropInputV2")
def conv_transpose(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    """What `conv2d_transpose` is stored as: the inputs are its shape, its kernel, and what it is called on."""
    shape, kernel, image = x
    options = {"data_format": n.get("data_format"), "dilations": n.get("dilations")}
    name = "conv2d_transpose" if n.op.startswith("Conv2D") else "conv3d_transpose"
    return tensorflow(emitter, f"nn.{name}", image, kernel, shape, n.get("strides"), _padding(n), **options)


@node("ExtractVolumePatches")
def extract_volume_patches(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return tensorflow(
        emitter, "extract_volume_patches", x[0], *(n.get(name) for name in ("ksizes", "strides", "padding"))
    )


@node("DepthwiseConv2dNative")
def depthwise(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    options = {"data_format": n.get("data_format"), "dilations": n.get("dilations")}
    return tensorflow(emitter, "nn.depthwise_conv2d", *x, strides=n.get("strides"), padding=_padding(n), **options)


@node("MaxPool", "AvgPool", "MaxPool3D", "AvgPool3D")
def pool(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    name = "max_pool" if n.op.startswith("Max") else "avg_pool"
    options = {"data_format": n.get("data_format"), "padding": _padding(n)}
    return tensorflow(emitter, f"nn.{name}", x[0], n.get("ksize"), n.get("strides"), **options)


@node("ExtractImagePatches")
def extract_patches(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    names = ("ksizes", "strides", "rates", "padding")
    return tensorflow(emitter, "image.extract_patches", x[0], *(n.get(name) for name in names))


@node("LRN")
def lrn(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    options = {key: n.get(key, default) for key, default in (("bias", 1.0), ("alpha", 1.0), ("beta", 0.5))}
    return tensorflow(emitter, "nn.local_response_normalization", x[0], n.get("depth_radius", 5), **options)


RESAMPLING = {"triangle": "bilinear", "keyscubic": "bicubic"}


@node("ScaleAndTranslate")
def scale_and_translate(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    """What `tf.image.resize` becomes for the methods beyond bilinear: no translation, the scale of the sizes."""
    image, size, scale, translation = x
    kind = str(n.get("kernel_type", "lanczos3"))
    if holds_runtime([size, scale, translation]) or np.any(np.asarray(translation)):
        raise emitter.refuse("ScaleAndTranslate with a translation, or by a scale that only the running model knows")
    wanted = [float(t) / (image.shape[i + 1] or 0.5) for i, t in enumerate(size)]
    if not np.allclose(wanted, np.asarray(scale), rtol=1e-6):
        raise emitter.refuse("ScaleAndTranslate by another scale than that of the sizes")
    method = RESAMPLING.get(kind, kind)
    return resized(emitter, image, size, method, antialias=bool(n.get("antialias", True)))
