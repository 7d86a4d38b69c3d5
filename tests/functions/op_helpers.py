"""An emitter on an empty graph, and a NumPy interpreter of the few ops that move data."""

from __future__ import annotations

from typing import Any

import numpy as np
from k2to3.functions.emitter import Emitter
from k2to3.keras3.graph import Graph, Node, Tensor
from k2to3.sources.author import parse_writer


def new_emitter() -> Emitter:
    return Emitter(Graph(), "op", "op", parse_writer("2.4.0", "tensorflow"), lambda kind, text: None)


def evaluate(tensor: Tensor, given: dict[Tensor, Any]) -> Any:
    """The value of a tensor made of GetItem, Flip, Reshape, Permute, Take and arithmetic."""
    if tensor in given:
        return given[tensor]
    node = tensor.node
    args = [_value(item, given) for item in node.args]
    return RUN[node.operation.class_name](node, *args)


def _value(item: Any, given: dict[Tensor, Any]) -> Any:
    return evaluate(item, given) if isinstance(item, Tensor) else item


def _reshape(node: Node, x: Any) -> Any:
    return x.reshape(node.operation.config.get("newshape") or [len(x), *node.operation.config["target_shape"]])


RUN: dict[str, Any] = {
    "GetItem": lambda node, x, key: x[tuple(key)],
    "Flip": lambda node, x: np.flip(x, node.operation.config["axis"]),
    "Reshape": _reshape,
    "Permute": lambda node, x: np.transpose(x, [0, *node.operation.config["dims"]]),
    "Add": lambda node, x, y: keras_add(x, y),
    "Subtract": lambda node, x, y: x - y,
    "Negative": lambda node, x: -x,
}


def keras_add(x: Any, y: Any) -> Any:
    """`ops.add` as the TensorFlow backend of Keras 3.8 and later computes it."""
    x, y = np.asarray(x), np.asarray(y)
    squeezed = [n for n in y.shape if n > 1]
    if len(squeezed) == 1 and x.ndim > 1 and squeezed[0] in (x.shape[1], x.shape[-1]):
        bias = y.reshape(-1)
        if x.shape[-1] == squeezed[0]:
            return x + bias
        return x + bias.reshape(1, -1, *[1] * (x.ndim - 2))
    return x + y
