"""NodeDef ops on images: convolutions, pooling, resizing."""

from __future__ import annotations

import numpy as np

from k2to3.functions.emitter import Emitter
from k2to3.functions.image import resized
from k2to3.functions.nodedef_handlers import Handlers, Inputs, tensorflow
from k2to3.functions.nodedef_reading import NodeDef, required
from k2to3.functions.values import Value, holds_runtime

handles = Handlers()


@handles("ResizeBilinear", "ResizeNearestNeighbor", "ResizeBicubic", "ResizeArea")
def resize(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    name = {"ResizeNearestNeighbor": "nearest_neighbor"}.get(node.op, node.op.removeprefix("Resize").lower())
    flags = {key: node.get(key, False) for key in ("align_corners", "half_pixel_centers")}
    return tensorflow(emitter, f"compat.v1.image.resize_{name}", *inputs, **flags)


def _padding(emitter: Emitter, node: NodeDef) -> Value:
    """`EXPLICIT` widths come as one flat list."""
    found = required(emitter, node, "padding")
    if found != "EXPLICIT":
        return found
    flat = node.get("explicit_paddings", [])
    return [flat[i : i + 2] for i in range(0, len(flat), 2)]


def _windows(emitter: Emitter, node: NodeDef) -> dict[str, Value]:
    """The settings of a convolution."""
    options = {"data_format": node.get("data_format"), "dilations": node.get("dilations")}
    return {**options, "strides": required(emitter, node, "strides"), "padding": _padding(emitter, node)}


@handles("Conv2D", "Conv3D")
def conv(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    return tensorflow(emitter, "nn.conv2d", *inputs, **_windows(emitter, node))


@handles("Conv2DBackpropInput", "Conv3DBackpropInputV2")
def conv_transpose(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    """What `conv2d_transpose` is stored as: the inputs are its shape, its kernel, and what it is called on."""
    shape, kernel, image = inputs
    name = "conv2d_transpose" if node.op.startswith("Conv2D") else "conv3d_transpose"
    return tensorflow(emitter, f"nn.{name}", image, kernel, shape, **_windows(emitter, node))


@handles("ExtractVolumePatches")
def extract_volume_patches(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    return tensorflow(
        emitter,
        "extract_volume_patches",
        inputs[0],
        *(required(emitter, node, name) for name in ("ksizes", "strides", "padding")),
    )


@handles("DepthwiseConv2dNative")
def depthwise(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    return tensorflow(emitter, "nn.depthwise_conv2d", *inputs, **_windows(emitter, node))


@handles("MaxPool", "AvgPool", "MaxPool3D", "AvgPool3D")
def pool(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    name = "max_pool" if node.op.startswith("Max") else "avg_pool"
    size, strides = (required(emitter, node, key) for key in ("ksize", "strides"))
    options = {"data_format": node.get("data_format"), "padding": _padding(emitter, node)}
    return tensorflow(emitter, f"nn.{name}", inputs[0], size, strides, **options)


@handles("ExtractImagePatches")
def extract_patches(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    names = ("ksizes", "strides", "rates", "padding")
    return tensorflow(emitter, "image.extract_patches", inputs[0], *(required(emitter, node, name) for name in names))


@handles("LRN")
def lrn(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    options = {key: node.get(key, default) for key, default in (("bias", 1.0), ("alpha", 1.0), ("beta", 0.5))}
    return tensorflow(emitter, "nn.local_response_normalization", inputs[0], node.get("depth_radius", 5), **options)


RESAMPLING = {"triangle": "bilinear", "keyscubic": "bicubic"}


@handles("ScaleAndTranslate")
def scale_and_translate(emitter: Emitter, node: NodeDef, inputs: Inputs) -> Value:
    """What `tf.image.resize` becomes for the methods beyond bilinear: no translation, the scale of the sizes."""
    image, size, scale, translation = inputs
    kind = str(node.get("kernel_type", "lanczos3"))
    if holds_runtime([size, scale, translation]) or np.any(np.asarray(translation)):
        raise emitter.refuse("ScaleAndTranslate with a translation, or by a scale that only the running model knows")
    wanted = [float(t) / (image.shape[i + 1] or 0.5) for i, t in enumerate(size)]
    if not np.allclose(wanted, np.asarray(scale), rtol=1e-6):
        raise emitter.refuse("ScaleAndTranslate by another scale than that of the sizes")
    method = RESAMPLING.get(kind, kind)
    return resized(emitter, image, size, method, antialias=bool(node.get("antialias", True)))
