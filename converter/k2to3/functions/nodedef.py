"""TensorFlow NodeDefs, as `TensorFlowOpLayer` (TF 1.15 to 2.3) stored them: JSON of a protobuf.

Sources: `TensorFlowOpLayer.get_config` in tensorflow/python/keras/engine/base_layer.py and
the op definitions in tensorflow/core/ops/*.cc.
"""

from __future__ import annotations

import base64
import binascii
import importlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from k2to3.functions.dispatch import call
from k2to3.functions.dtypes import INTEGERS, KNOWN
from k2to3.functions.emitter import Emitter
from k2to3.functions.values import Value, holds_runtime


@dataclass(frozen=True)
class NodeDef:
    """An operation with its attributes as plain data."""

    name: str
    op: str
    inputs: int
    attributes: Mapping[str, Any]

    def get(self, key: str, default: Any = None) -> Any:
        found = self.attributes.get(key)
        return default if found is None else found


DTYPES = {"DT_FLOAT": "float32", "DT_DOUBLE": "float64", "DT_HALF": "float16", "DT_BFLOAT16": "bfloat16"}


def dtype_of_enum(name: str) -> str:
    return DTYPES.get(name, name.removeprefix("DT_").lower())


def read_nodedef(emitter: Emitter, value: Any) -> NodeDef:
    """The node of a layer's config.

    Raises:
        UnsupportedOption: not a JSON object of a NodeDef.
    """
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = json.loads(value)
        except ValueError as error:
            raise emitter.refuse(f"its node_def is damaged: {error}", key="node_def") from error
    if not isinstance(value, dict) or not isinstance(value.get("op"), str):
        raise emitter.refuse("its node_def is not JSON", key="node_def", hint="load and save it with TF 1.15 to 2.3")
    attributes = value.get("attr") or {}
    inputs = [name for name in value.get("input") or [] if not str(name).startswith("^")]
    decoded = {key: _attribute(emitter, item) for key, item in attributes.items() if not key.startswith("_")}
    return NodeDef(str(value.get("name", "")), value["op"], len(inputs), decoded)


def _attribute(emitter: Emitter, value: Any) -> Any:
    """`{"i": "5"}` → 5, `{"s": "TkhXQw=="}` → "NHWC", `{"list": {"i": [...]}}` → a list."""
    if not isinstance(value, dict) or len(value) > 1:
        raise emitter.refuse(f"attribute {value!r:.60} of its node_def")
    if not value:
        return None
    kind, inner = next(iter(value.items()))
    if kind == "list":
        items = inner if isinstance(inner, dict) else {}
        return [_attribute(emitter, {key: item}) for key, listed in items.items() for item in listed]
    try:
        return _plain(kind, inner)
    except (ValueError, TypeError, binascii.Error) as error:
        raise emitter.refuse(f"attribute {value!r:.60} of its node_def: {error}") from error


def _int64(value: Any) -> int:
    """Protobuf writes them as text, since JSON's numbers are not as long."""
    if isinstance(value, (bool, float)):
        raise TypeError("not an integer")
    number = int(value)
    if not -(2**63) <= number < 2**63:
        raise ValueError("not an integer of 64 bits")
    return number


def _plain(kind: str, value: Any) -> Any:
    if kind == "i":
        return _int64(value)
    if kind == "f":
        return float(value)
    if kind == "b":
        if not isinstance(value, bool):
            raise TypeError("not true or false")
        return value
    if kind == "s":
        return base64.b64decode(value).decode("utf-8", "replace")
    if kind == "type":
        return dtype_of_enum(str(value))
    if kind == "shape":
        return [int(dim.get("size", 0)) for dim in value.get("dim", [])]
    return value


Node = Callable[[Emitter, NodeDef, list[Value]], Value]
NODES: dict[str, Node] = {}

# Ops whose inputs are the arguments of a function of that name.
SAME = {
    "Add": "math.add",
    "AddV2": "math.add",
    "Sub": "math.subtract",
    "Mul": "math.multiply",
    "RealDiv": "math.truediv",
    "Div": "div",
    "FloorDiv": "math.floordiv",
    "TruncateDiv": "truncatediv",
    "FloorMod": "math.floormod",
    "Mod": "math.floormod",
    "TruncateMod": "truncatemod",
    "Minimum": "math.minimum",
    "Maximum": "math.maximum",
    "Greater": "math.greater",
    "GreaterEqual": "math.greater_equal",
    "Less": "math.less",
    "LessEqual": "math.less_equal",
    "Equal": "math.equal",
    "NotEqual": "math.not_equal",
    "LogicalAnd": "math.logical_and",
    "LogicalOr": "math.logical_or",
    "LogicalNot": "math.logical_not",
    "DivNoNan": "math.divide_no_nan",
    "MulNoNan": "math.multiply_no_nan",
    "Xlogy": "math.xlogy",
    "Xlog1py": "math.xlog1py",
    "Xdivy": "math.xdivy",
    "Atan2": "math.atan2",
    "Pow": "math.pow",
    "SquaredDifference": "math.squared_difference",
    "Neg": "math.negative",
    "Inv": "math.reciprocal",
    "Relu": "nn.relu",
    "Relu6": "nn.relu6",
    "Elu": "nn.elu",
    "Selu": "nn.selu",
    "Softsign": "nn.softsign",
    "Softmax": "nn.softmax",
    "LogSoftmax": "nn.log_softmax",
    "IsNan": "math.is_nan",
    "IsInf": "math.is_inf",
    "IsFinite": "math.is_finite",
    "StopGradient": "stop_gradient",
    "PreventGradient": "stop_gradient",
    "Snapshot": "identity",
    "EnsureShape": "identity",
    "CheckNumerics": "identity",
    "ZerosLike": "zeros_like",
    "OnesLike": "ones_like",
    "Reshape": "reshape",
    "Transpose": "transpose",
    "ExpandDims": "expand_dims",
    "Tile": "tile",
    "Shape": "shape",
    "Size": "size",
    "Rank": "rank",
    "Fill": "fill",
    "Range": "range",
    "LinSpace": "linspace",
    "Slice": "slice",
    "SelectV2": "where",
    "ClipByValue": "clip_by_value",
    "ReverseV2": "reverse",
    "BroadcastTo": "broadcast_to",
    "GatherNd": "gather_nd",
    "Pad": "pad",
    "Roll": "roll",
    "LeftShift": "bitwise.left_shift",
    "RightShift": "bitwise.right_shift",
    "MatrixInverse": "linalg.inv",
    "MatrixDeterminant": "linalg.det",
    "MatrixSolve": "linalg.solve",
    "MatrixBandPart": "linalg.band_part",
    "MatrixDiag": "linalg.diag",
    "MatrixDiagPart": "linalg.diag_part",
    "Cross": "linalg.cross",
    "L2Loss": "nn.l2_loss",
    "RGBToHSV": "image.rgb_to_hsv",
    "HSVToRGB": "image.hsv_to_rgb",
    "UnsortedSegmentSum": "math.unsorted_segment_sum",
    "UnsortedSegmentMax": "math.unsorted_segment_max",
    "UnsortedSegmentMin": "math.unsorted_segment_min",
    "UnsortedSegmentProd": "math.unsorted_segment_prod",
    "SegmentSum": "math.segment_sum",
    "SegmentMean": "math.segment_mean",
    "SegmentMax": "math.segment_max",
    "SegmentMin": "math.segment_min",
    "SegmentProd": "math.segment_prod",
    "Cholesky": "linalg.cholesky",
    "SelfAdjointEigV2": "linalg.eigh",
    "ComplexAbs": "math.abs",
    "Complex": "complex",
    "InvertPermutation": "math.invert_permutation",
    "HistogramFixedWidth": "histogram_fixed_width",
    "AdjustHue": "image.adjust_hue",
    "RFFT": "signal.rfft",
    "IRFFT": "signal.irfft",
    "FFT": "signal.fft",
    "IFFT": "signal.ifft",
    "FFT2D": "signal.fft2d",
    "IFFT2D": "signal.ifft2d",
}
# fmt: off
# Ops of one input named as the function is.
ELEMENTARY = (
    "Abs", "Square", "Sqrt", "Rsqrt", "Exp", "Expm1", "Log", "Log1p", "Sign", "Floor", "Ceil", "Round", "Rint", "Sin",
    "Cos", "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Tanh", "Asinh", "Acosh", "Atanh", "Sigmoid", "Softplus",
    "Reciprocal", "Erf", "Erfc", "Ndtri", "Erfinv", "Real", "Imag", "Conj", "Angle", "Lgamma", "Digamma",
)
# fmt: on
SAME |= {name: f"math.{name.lower()}" for name in ELEMENTARY}
SAME |= {"Identity": "identity", "BitwiseAnd": "bitwise.bitwise_and", "BitwiseOr": "bitwise.bitwise_or"}
SAME |= {"BitwiseXor": "bitwise.bitwise_xor", "Invert": "bitwise.invert"}
SAME |= {"AdjustContrastv2": "image.adjust_contrast", "AdjustSaturation": "image.adjust_saturation"}
REDUCTIONS = ("Sum", "Mean", "Max", "Min", "Prod", "All", "Any", "EuclideanNorm")


def convert_nodedef(emitter: Emitter, node: NodeDef, inputs: list[Value]) -> Value:
    """What a node computes from its inputs; a list for several outputs.

    Raises:
        UnsupportedOption: no equivalent.
    """
    importlib.import_module("k2to3.functions.nodedef_ops")
    if node.op in SAME:
        return call(emitter, f"tensorflow.{SAME[node.op]}", inputs, settings(emitter, node))
    if node.op in REDUCTIONS:
        name = "euclidean_norm" if node.op == "EuclideanNorm" else node.op.lower()
        axes = inputs[1] if np.ndim(inputs[1]) or holds_runtime(inputs[1]) else [inputs[1]]
        return call(emitter, f"tensorflow.reduce_{name}", [inputs[0], axes, node.get("keep_dims", False)])
    if node.op in NODES:
        return NODES[node.op](emitter, node, inputs)
    return call(emitter, f"tensorflow.raw_ops.{node.op}", inputs)


TYPES = KNOWN | {"complex64", "complex128"}
# Attributes that change nothing: messages, checks, and what stands in the inputs as well.
IDLE = frozenset({"message", "shape", "incompatible_shape_error", "compute_v", "N", "Truncate", "validate_indices"})


def settings(emitter: Emitter, node: NodeDef) -> dict[str, Value]:
    """The attributes that are arguments of the function of the same name.

    Raises:
        UnsupportedOption: one that is not known here, and not at rest.
    """
    found: dict[str, Value] = {}
    for key, value in node.attributes.items():
        if key in IDLE or not value or (isinstance(value, str) and value in TYPES):
            continue
        if key != "adjoint":
            raise emitter.refuse(f"attribute {key}={value!r:.40} of {node.op}", key="node_def")
        found[key] = value
    return found


def positional(emitter: Emitter, node: NodeDef, constants: Mapping[str, Any], tensors: list[Value]) -> list[Value]:
    """Inputs in order: constants by their position, tensors in between."""
    waiting = list(tensors)
    found: list[Value] = []
    for index in range(max(node.inputs, len(constants) + len(tensors))):
        if str(index) in constants:
            found.append(typed_constant(node, constants[str(index)]))
        elif waiting:
            found.append(waiting.pop(0))
    if waiting or len(found) != len(constants) + len(tensors):
        raise emitter.refuse(f"{node.op} with {len(tensors)} tensors and {len(constants)} constants")
    return found


def typed_constant(node: NodeDef, value: Any) -> Value:
    """Nested lists; those of floats take the dtype of the node, integers stay indices."""
    if not isinstance(value, list):
        return value
    array = np.asarray(value)
    if array.dtype.kind == "f":
        kind = node.get("T") or node.get("dtype") or "float32"
        return array.astype("float32" if kind in ("bfloat16", None) or kind in INTEGERS else kind)
    return array.astype("int32") if array.dtype.kind in "iu" else array
