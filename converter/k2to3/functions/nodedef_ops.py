"""NodeDef ops whose arguments stand in attributes or in another order than TensorFlow's functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from k2to3.functions.dispatch import call
from k2to3.functions.emitter import Emitter
from k2to3.functions.image import resized
from k2to3.functions.nodedef import NODES, Node, NodeDef
from k2to3.functions.values import Value, holds_runtime

Inputs = list[Value]


def node(*ops: str) -> Callable[[Node], Node]:
    """Register the function below for these ops."""

    def register(function: Node) -> Node:
        NODES.update(dict.fromkeys(ops, function))
        return function

    return register


def _tf(emitter: Emitter, name: str, *args: Value, **kwargs: Value) -> Any:
    return call(emitter, f"tensorflow.{name}", args, kwargs)


@node("BiasAdd", "BiasAddV1")
def bias_add(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return _tf(emitter, "nn.bias_add", *x, data_format=n.get("data_format"))


@node("LeakyRelu")
def leaky_relu(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return _tf(emitter, "nn.leaky_relu", *x, alpha=n.get("alpha", 0.2))


@node("Squeeze")
def squeeze(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return _tf(emitter, "squeeze", x[0], n.get("squeeze_dims") or None)


@node("ConcatV2")
def concat(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return _tf(emitter, "concat", x[:-1], x[-1])


@node("Concat")
def concat_v1(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return _tf(emitter, "concat", x[1:], x[0])


@node("Pack")
def pack(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return _tf(emitter, "stack", x, n.get("axis", 0))


@node("Unpack")
def unpack(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return _tf(emitter, "unstack", x[0], n.get("num"), n.get("axis", 0))


@node("Split")
def split(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return _tf(emitter, "split", x[1], n.get("num_split"), x[0])


@node("SplitV")
def split_sizes(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return _tf(emitter, "split", x[0], x[1], x[2])


@node("Cast")
def cast(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return _tf(emitter, "cast", x[0], n.get("DstT"))


@node("MatMul")
def matmul(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return _tf(emitter, "matmul", *x, transpose_a=n.get("transpose_a", False), transpose_b=n.get("transpose_b", False))


@node("BatchMatMul", "BatchMatMulV2", "BatchMatMulV3")
def batch_matmul(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return _tf(emitter, "matmul", *x, adjoint_a=n.get("adj_x", False), adjoint_b=n.get("adj_y", False))


@node("Einsum")
def einsum(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return _tf(emitter, "einsum", n.get("equation"), *x)


@node("StridedSlice")
def strided_slice(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    names = ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask")
    return _tf(emitter, "strided_slice", *x, **{name: n.get(name, 0) for name in names})


@node("Select")
def select(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return _tf(emitter, "compat.v1.where", *x)


@node("PadV2")
def pad_value(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return _tf(emitter, "pad", x[0], x[1], "CONSTANT", x[2])


@node("MirrorPad")
def mirror_pad(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return _tf(emitter, "pad", x[0], x[1], n.get("mode"))


@node("OneHot")
def one_hot(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return _tf(emitter, "one_hot", x[0], x[1], x[2], x[3], n.get("axis", -1), n.get("T", "float32"))


@node("ArgMax", "ArgMin")
def extreme(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return _tf(emitter, f"math.{n.op.lower()}", x[0], x[1], output_type=n.get("output_type", "int64"))


@node("GatherV2")
def gather(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return _tf(emitter, "gather", x[0], x[1], axis=x[2], batch_dims=n.get("batch_dims", 0))


@node("Gather", "ResourceGather")
def gather_v1(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return _tf(emitter, "gather", x[0], x[1], axis=0)


@node("AddN", "AccumulateNV2")
def add_n(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return _tf(emitter, "math.add_n", x)


@node("IdentityN")
def identity_n(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return list(x)


@node("TopKV2", "TopK")
def top_k(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return _tf(emitter, "math.top_k", x[0], x[1] if len(x) > 1 else n.get("k"))


@node("Cumsum", "Cumprod")
def cumulative(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    flags = {key: n.get(key, False) for key in ("exclusive", "reverse")}
    return _tf(emitter, f"math.{n.op.lower()}", x[0], x[1], **flags)


@node("ReverseSequence")
def reverse_sequence(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return _tf(emitter, "reverse_sequence", *x, seq_axis=n.get("seq_dim", 1), batch_axis=n.get("batch_dim", 0))


@node("DepthToSpace", "SpaceToDepth")
def blocks(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    name = "depth_to_space" if n.op == "DepthToSpace" else "space_to_depth"
    return _tf(emitter, f"nn.{name}", x[0], n.get("block_size"), data_format=n.get("data_format", "NHWC"))


@node("ResizeBilinear", "ResizeNearestNeighbor", "ResizeBicubic", "ResizeArea")
def resize(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    name = {"ResizeNearestNeighbor": "nearest_neighbor"}.get(n.op, n.op.removeprefix("Resize").lower())
    flags = {key: n.get(key, False) for key in ("align_corners", "half_pixel_centers")}
    return _tf(emitter, f"compat.v1.image.resize_{name}", *x, **flags)


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
    return _tf(emitter, "nn.conv2d", *x, strides=n.get("strides"), padding=_padding(n), **options)


@node("Conv2DBackpropInput", "Conv3DBackpropInputV2")
def conv_transpose(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    """What `conv2d_transpose` is stored as: the inputs are its shape, its kernel, and what it is called on."""
    shape, kernel, image = x
    options = {"data_format": n.get("data_format"), "dilations": n.get("dilations")}
    name = "conv2d_transpose" if n.op.startswith("Conv2D") else "conv3d_transpose"
    return _tf(emitter, f"nn.{name}", image, kernel, shape, n.get("strides"), _padding(n), **options)


@node("ExtractVolumePatches")
def extract_volume_patches(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return _tf(emitter, "extract_volume_patches", x[0], *(n.get(name) for name in ("ksizes", "strides", "padding")))


@node("DepthwiseConv2dNative")
def depthwise(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    options = {"data_format": n.get("data_format"), "dilations": n.get("dilations")}
    return _tf(emitter, "nn.depthwise_conv2d", *x, strides=n.get("strides"), padding=_padding(n), **options)


@node("MaxPool", "AvgPool", "MaxPool3D", "AvgPool3D")
def pool(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    name = "max_pool" if n.op.startswith("Max") else "avg_pool"
    options = {"data_format": n.get("data_format"), "padding": _padding(n)}
    return _tf(emitter, f"nn.{name}", x[0], n.get("ksize"), n.get("strides"), **options)


@node("ExtractImagePatches")
def extract_patches(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    names = ("ksizes", "strides", "rates", "padding")
    return _tf(emitter, "image.extract_patches", x[0], *(n.get(name) for name in names))


@node("LRN")
def lrn(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    options = {key: n.get(key, default) for key, default in (("bias", 1.0), ("alpha", 1.0), ("beta", 0.5))}
    return _tf(emitter, "nn.local_response_normalization", x[0], n.get("depth_radius", 5), **options)


@node("SpaceToBatchND")
def space_to_batch(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return _tf(emitter, "space_to_batch_nd", *x)


@node("SparseSoftmaxCrossEntropyWithLogits")
def sparse_cross_entropy(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    """Inputs are features, then labels; the second output is the gradient."""
    return _tf(emitter, "nn.sparse_softmax_cross_entropy_with_logits", labels=x[1], logits=x[0])


@node("SoftmaxCrossEntropyWithLogits")
def cross_entropy(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return _tf(emitter, "nn.softmax_cross_entropy_with_logits", labels=x[1], logits=x[0])


@node("MatrixDiagV2", "MatrixDiagV3")
def diag(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    names = ("k", "num_rows", "num_cols", "padding_value")
    return _tf(emitter, "linalg.diag", x[0], **dict(zip(names, map(_scalar, x[1:]), strict=True)))


@node("MatrixDiagPartV2", "MatrixDiagPartV3")
def diag_part(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return _tf(emitter, "linalg.diag_part", x[0], k=_scalar(x[1]))


def _scalar(value: Value) -> Value:
    return value.item() if isinstance(value, np.ndarray) and value.size == 1 else value


@node("RandomStandardNormal", "RandomUniform", "TruncatedNormal")
def noise(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    name = {"RandomStandardNormal": "normal", "RandomUniform": "uniform"}.get(n.op, "truncated_normal")
    return _tf(emitter, f"random.{name}", x[0], dtype=n.get("dtype", "float32"))


@node(
    "ScatterNd", "TensorScatterUpdate", "TensorScatterAdd", "TensorScatterSub", "TensorScatterMin", "TensorScatterMax"
)
def scatter(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    name = "scatter_nd" if n.op == "ScatterNd" else f"tensor_scatter_nd_{n.op.removeprefix('TensorScatter').lower()}"
    return _tf(emitter, name, *x)


@node("Qr", "Svd")
def decomposition(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    options = {"full_matrices": n.get("full_matrices", False)}
    if n.op == "Svd":
        options["compute_uv"] = n.get("compute_uv", True)
    found = _tf(emitter, f"linalg.{n.op.lower()}", x[0], **options)
    return found if isinstance(found, list) else [found]


@node("MatrixTriangularSolve", "BatchMatrixTriangularSolve")
def triangular_solve(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    options = {"lower": n.get("lower", True), "adjoint": n.get("adjoint", False)}
    return _tf(emitter, "linalg.triangular_solve", *x, **options)


@node("MatrixSetDiag", "MatrixSetDiagV2", "MatrixSetDiagV3")
def set_diag(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return _tf(emitter, "linalg.set_diag", x[0], x[1], k=_scalar(x[2]) if len(x) > 2 else 0)


@node("BatchToSpaceND")
def batch_to_space(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return _tf(emitter, "batch_to_space", *x)


@node("LowerBound", "UpperBound")
def bounds(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    side = "left" if n.op == "LowerBound" else "right"
    return _tf(emitter, "searchsorted", *x, side=side, out_type=n.get("out_type", "int32"))


@node("FakeQuantWithMinMaxArgs")
def fake_quant(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    values = {key: n.get(key, default) for key, default in (("min", -6.0), ("max", 6.0), ("num_bits", 8))}
    values["narrow_range"] = n.get("narrow_range", False)
    return _tf(emitter, "quantization.fake_quant_with_min_max_args", x[0], **values)


@node("FakeQuantWithMinMaxVars", "FakeQuantWithMinMaxVarsPerChannel")
def fake_quant_vars(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    options = {"num_bits": n.get("num_bits", 8), "narrow_range": n.get("narrow_range", False)}
    return _tf(emitter, "quantization.fake_quant_with_min_max_vars", *x, **options)


@node("InTopKV2", "InTopK")
def in_top_k(emitter: Emitter, n: NodeDef, x: Inputs) -> Value:
    return _tf(emitter, "math.in_top_k", x[1], x[0], x[2] if len(x) > 2 else n.get("k"))


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
