"""TensorFlowOpLayer: a node of a graph, with its attributes (TensorFlow 1.15 to 2.3).

Input n is `constants[n]` where there is one, else the next tensor. tensorflow/python/keras/engine/base_layer.py.
"""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from k2to3.proof.keras2.activations import elu, selu
from k2to3.proof.keras2.layer import Context, Layer, Make
from k2to3.proof.keras2.ops import gathering, nn, node_arrays, node_images, node_math, node_nn, shaping
from k2to3.proof.keras2.ops.node_arrays import Attributes, Node
from k2to3.proof.keras2.ops.table import FUNCTIONS
from k2to3.proof.keras2.ops.values import converted, dtype_of
from k2to3.proof.keras2.options import Options
from k2to3.proof.keras2.tensor import Array, Structure, Tensor


class TensorFlowOpLayer(Layer):
    """One op; it drops masks."""

    since = "tf.keras 1.14, gone in 2.4"
    source = "tensorflow/python/keras/engine/base_layer.py"
    names = ("TensorFlowOpLayer",)

    def read(self, options: Options, make: Make) -> None:
        node = options.take("node_def")
        if not isinstance(node, dict):
            raise options.unspecified("a node_def that is no JSON")
        self.constants = {int(n): value for n, value in (options.take("constants", None) or {}).items()}
        self.op = str(node["op"])
        if self.op not in NODES:
            raise options.unspecified(f"no entry for the op {self.op}")
        self.attributes = {key: attribute(value) for key, value in node.get("attr", {}).items()}

    def call(self, inputs: Structure, context: Context, **kwargs: Any) -> Structure:
        self.refuse_arguments(kwargs)
        tensors = [tensor.value for tensor in self.several(inputs)]
        like = tensors[0].dtype
        whole = {n: self.constant(value, like) for n, value in self.constants.items()}
        given = iter(tensors)
        arguments = [whole[n] if n in whole else next(given) for n in range(len(tensors) + len(whole))]
        found = NODES[self.op](arguments, self.attributes)
        return [Tensor(np.asarray(x)) for x in found] if isinstance(found, list) else Tensor(np.asarray(found))

    def constant(self, value: Any, like: np.dtype[Any]) -> Array:
        """Floats are of the type of the tensors beside them, if those are floats."""
        found = np.asarray(value)
        return found.astype(like if like.kind == "f" else np.float32) if found.dtype.kind == "f" else found


def attribute(value: Any) -> Any:
    """Of protobuf's JSON: 64-bit numbers are strings, bytes are base64."""
    if "i" in value:
        return int(value["i"])
    if "s" in value:
        return base64.b64decode(value["s"]).decode()
    if "list" in value:
        items = value["list"]
        return [int(n) for n in items.get("i", [])] if "i" in items or not items else items
    return next((value[key] for key in ("b", "f", "type", "shape") if key in value), None)


def _same(name: str) -> Node:
    return lambda inputs, attributes: FUNCTIONS[name](*inputs)


def _reduce(name: str) -> Node:
    return lambda inputs, attributes: FUNCTIONS[name](*inputs, keepdims=bool(attributes.get("keep_dims")))


def _strided(inputs: list[Any], attributes: Attributes) -> Any:
    masks = {
        key: int(attributes.get(key) or 0)
        for key in ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask")
    }
    return shaping.strided_slice(*inputs, **masks)


def _select(inputs: list[Any], attributes: Attributes) -> Any:
    """TensorFlow 1's `where`: a condition of rank 1 picks rows."""
    condition, x, y = inputs
    if np.ndim(condition) == 1 and np.ndim(x) > 1:
        condition = np.reshape(condition, (-1, *(1,) * (np.ndim(x) - 1)))
    return FUNCTIONS["where"](condition, x, y)


def _matmul(inputs: list[Any], attributes: Attributes, first: str, second: str) -> Any:
    return shaping.matmul(inputs[0], inputs[1], bool(attributes.get(first)), bool(attributes.get(second)))


NODES: dict[str, Node] = {
    **node_arrays.NODES,
    **node_images.NODES,
    **node_math.NODES,
    **node_nn.NODES,
    **{
        op: _same(name)
        for op, name in {
            "Add": "add", "AddV2": "add", "Sub": "subtract", "Mul": "multiply",
            "RealDiv": "truediv", "DivNoNan": "div_no_nan", "Pow": "pow", "Maximum": "maximum", "Minimum": "minimum",
            "FloorDiv": "floordiv", "FloorMod": "floormod", "SquaredDifference": "squared_difference",
            "Neg": "negative", "Abs": "abs", "Square": "square", "Sqrt": "sqrt", "Rsqrt": "rsqrt", "Exp": "exp",
            "Expm1": "expm1", "Log": "log", "Log1p": "log1p", "Sin": "sin", "Cos": "cos", "Tan": "tan", "Tanh": "tanh",
            "Sigmoid": "sigmoid", "Softplus": "softplus", "Softsign": "softsign", "Erf": "erf", "Floor": "floor",
            "Ceil": "ceil", "Round": "round", "Rint": "rint", "Sign": "sign", "Reciprocal": "reciprocal",
            "Identity": "identity", "StopGradient": "stop_gradient", "ZerosLike": "zeros_like", "OnesLike": "ones_like",
            "Equal": "equal", "NotEqual": "not_equal", "Greater": "greater", "GreaterEqual": "greater_equal",
            "Less": "less", "LessEqual": "less_equal", "LogicalAnd": "logical_and", "LogicalOr": "logical_or",
            "LogicalNot": "logical_not", "SelectV2": "where", "Relu": "relu", "Relu6": "relu6", "Softmax": "softmax",
            "LogSoftmax": "log_softmax", "Reshape": "reshape", "Transpose": "transpose", "ExpandDims": "expand_dims",
            "Tile": "tile", "ReverseV2": "reverse", "Pad": "pad", "Shape": "shape", "BroadcastTo": "broadcast_to",
            "Fill": "fill", "Slice": "slice", "ClipByValue": "clip_by_value",
        }.items()
    },
    **{
        op: _reduce(name)
        for op, name in {
            "Sum": "reduce_sum", "Mean": "reduce_mean", "Max": "reduce_max", "Min": "reduce_min", "Prod": "reduce_prod",
            "Any": "reduce_any", "All": "reduce_all",
        }.items()
    },
    "BiasAdd": lambda inputs, attributes: nn.bias_add(inputs[0], inputs[1], attributes.get("data_format")),
    "Elu": lambda inputs, attributes: elu(inputs[0]),
    "Selu": lambda inputs, attributes: selu(inputs[0]),
    "LeakyRelu": lambda inputs, attributes: nn.leaky_relu(inputs[0], float(attributes.get("alpha", 0.2))),
    "ConcatV2": lambda inputs, attributes: shaping.concat(inputs[:-1], inputs[-1]),
    "Pack": lambda inputs, attributes: shaping.stack(inputs, int(attributes.get("axis") or 0)),
    "Unpack": lambda inputs, attributes: shaping.unstack(inputs[0], axis=int(attributes.get("axis") or 0)),
    "Split": lambda inputs, attributes: shaping.split(inputs[1], attributes["num_split"], inputs[0]),
    "SplitV": lambda inputs, attributes: shaping.split(inputs[0], inputs[1], inputs[2]),
    "Squeeze": lambda inputs, attributes: shaping.squeeze(inputs[0], attributes.get("squeeze_dims") or None),
    "Cast": lambda inputs, attributes: converted(inputs[0], dtype_of(attributes["DstT"], inputs[0])),
    "GatherV2": lambda inputs, attributes: gathering.gather(
        inputs[0], inputs[1], axis=inputs[2], batch_dims=int(attributes.get("batch_dims") or 0)
    ),
    "MatMul": lambda inputs, attributes: _matmul(inputs, attributes, "transpose_a", "transpose_b"),
    "BatchMatMul": lambda inputs, attributes: _matmul(inputs, attributes, "adj_x", "adj_y"),
    "BatchMatMulV2": lambda inputs, attributes: _matmul(inputs, attributes, "adj_x", "adj_y"),
    "Select": _select,
    "StridedSlice": _strided,
    "PadV2": lambda inputs, attributes: shaping.pad(inputs[0], inputs[1], constant_values=inputs[2]),
    "MirrorPad": lambda inputs, attributes: shaping.pad(inputs[0], inputs[1], str(attributes["mode"])),
    "DepthToSpace": lambda inputs, attributes: nn.depth_to_space(inputs[0], int(attributes["block_size"])),
    "SpaceToDepth": lambda inputs, attributes: nn.space_to_depth(inputs[0], int(attributes["block_size"])),
}  # fmt: skip
