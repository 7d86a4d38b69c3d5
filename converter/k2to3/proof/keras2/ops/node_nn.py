"""Nodes of a graph: convolutions, pooling, losses and fake quantization."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from k2to3.proof.keras2 import activations
from k2to3.proof.keras2.ops import convolutions, losses, pools, quantization
from k2to3.proof.keras2.ops.arithmetic import Op
from k2to3.proof.keras2.tensor import Array

Attributes = dict[str, Any]
Node = Callable[[list[Any], Attributes], Any]


def _padding(attributes: Attributes) -> Any:
    """A word, or the margins for which the word is EXPLICIT."""
    padding = attributes["padding"]
    return attributes["explicit_paddings"] if padding == "EXPLICIT" else padding


def _geometry(attributes: Attributes) -> dict[str, Any]:
    keys = ("strides", "data_format", "dilations")
    return {"padding": _padding(attributes), **{key: attributes[key] for key in keys if key in attributes}}


def _windowed(op: Op) -> Node:
    return lambda inputs, attributes: op(*inputs, **_geometry(attributes))


def _backprop(inputs: list[Any], attributes: Attributes) -> Array:
    shape, kernel, x = inputs
    return convolutions.transposed(x, kernel, shape, **_geometry(attributes))


def _pool(largest: bool) -> Node:
    def run(inputs: list[Any], attributes: Attributes) -> Array:
        keys = ("ksize", "strides", "data_format")
        size, strides, data_format = (attributes.get(key) for key in keys)
        return pools.pooled(inputs[0], largest, size, strides, _padding(attributes), data_format)

    return run


def _pool_v2(largest: bool) -> Node:
    """Window and strides are inputs."""

    def run(inputs: list[Any], attributes: Attributes) -> Array:
        x, size, strides = inputs
        return pools.pooled(x, largest, size, strides, attributes["padding"], attributes.get("data_format"))

    return run


def _options(op: Op, *keys: str) -> Node:
    return lambda inputs, attributes: op(*inputs, **{key: attributes[key] for key in keys if key in attributes})


def _softmax_loss(inputs: list[Any], attributes: Attributes) -> list[Array]:
    """With the gradient."""
    logits, labels = inputs
    return [losses.softmax_cross_entropy(labels, logits), activations.softmax(logits) - labels]


def _sparse_loss(inputs: list[Any], attributes: Attributes) -> list[Array]:
    logits, labels = inputs
    hot = (np.asarray(labels)[..., np.newaxis] == np.arange(logits.shape[-1])).astype(logits.dtype)
    return [losses.sparse_softmax_cross_entropy(labels, logits), activations.softmax(logits) - hot]


def _in_top_k(inputs: list[Any], attributes: Attributes) -> Array:
    predictions, targets = inputs[:2]
    return losses.in_top_k(predictions, targets, inputs[2] if len(inputs) > 2 else attributes["k"])


QUANTIZES = ("signed_input", "num_bits", "range_given", "round_mode", "narrow_range", "axis")
NODES: dict[str, Node] = {
    "Conv2D": _windowed(convolutions.OPS["conv2d"]),
    "Conv3D": _windowed(convolutions.OPS["conv3d"]),
    "DepthwiseConv2dNative": _windowed(convolutions.depthwise_conv2d),
    "Conv2DBackpropInput": _backprop,
    "Conv3DBackpropInputV2": _backprop,
    "MaxPool": _pool(True),
    "AvgPool": _pool(False),
    "MaxPool3D": _pool(True),
    "AvgPool3D": _pool(False),
    "MaxPoolV2": _pool_v2(True),
    "LRN": _options(losses.local_response_normalization, "depth_radius", "bias", "alpha", "beta"),
    "L2Loss": lambda inputs, attributes: losses.l2_loss(inputs[0]),
    "InTopK": _in_top_k,
    "InTopKV2": _in_top_k,
    "SoftmaxCrossEntropyWithLogits": _softmax_loss,
    "SparseSoftmaxCrossEntropyWithLogits": _sparse_loss,
    "FakeQuantWithMinMaxArgs": _options(quantization.fake_quant, "min", "max", "num_bits", "narrow_range"),
    "FakeQuantWithMinMaxVars": _options(quantization.fake_quant, "num_bits", "narrow_range"),
    "FakeQuantWithMinMaxVarsPerChannel": _options(quantization.fake_quant, "num_bits", "narrow_range"),
    "QuantizeAndDequantizeV2": _options(quantization.quantize_and_dequantize, *QUANTIZES),
    "QuantizeAndDequantizeV4": _options(quantization.quantize_and_dequantize, *QUANTIZES),
}
