"""What a NodeDef of TensorFlow computes.

Sources: the op definitions in tensorflow/core/ops/*.cc.
"""

from __future__ import annotations

import numpy as np

from k2to3.functions import nodedef_arrays, nodedef_images, nodedef_math
from k2to3.functions.dispatch import call
from k2to3.functions.dtypes import KNOWN
from k2to3.functions.emitter import Emitter
from k2to3.functions.nodedef_names import SAME
from k2to3.functions.nodedef_reading import NodeDef
from k2to3.functions.table import joined
from k2to3.functions.values import Value, holds_runtime

# Those whose arguments stand in attributes or in another order than the function's.
NODES = joined(nodedef_arrays.handles, nodedef_math.handles, nodedef_images.handles)
REDUCTIONS = ("Sum", "Mean", "Max", "Min", "Prod", "All", "Any", "EuclideanNorm")


def convert_nodedef(emitter: Emitter, node: NodeDef, inputs: list[Value]) -> Value:
    """What a node computes from its inputs; a list for several outputs.

    Raises:
        UnsupportedOption: no equivalent.
    """
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
