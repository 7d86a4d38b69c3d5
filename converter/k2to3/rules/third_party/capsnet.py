"""Capsules with dynamic routing, as most people's copies have them.

Source: github.com/XifengGuo/CapsNet-Keras, capsulelayers.py, since 2018. Copies under the same names differ, so these
are only used when asked for: `--treat-as CapsuleLayer='capsnet>CapsuleLayer'`.
"""

from __future__ import annotations

from collections.abc import Mapping

from k2to3.errors import BadConfig
from k2to3.keras3 import ops
from k2to3.keras3.graph import Graph, Structure, Tensor, one, tensors
from k2to3.rules.common import forgotten_training
from k2to3.rules.language import Composite, Context, as_stored, rule
from k2to3.rules.rebuilding import one_tensor

EPSILON = 1e-7


@rule("capsnet>CapsuleLayer", slots=as_stored, masks="drop", origin="CapsNet-Keras")
def capsule_layer(context: Context) -> Composite:
    """CapsNet-Keras's CapsuleLayer: dynamic routing from EinsumDense and ops."""
    one_tensor(context)
    config, rounds = context.config, context.config.integer("routings", 3)
    outer, width = config.integer("num_capsule"), config.integer("dim_capsule")
    if len(context.shape) != 3 or None in context.shape[1:] or rounds < 1:
        raise BadConfig(f"{rounds} rounds on {list(context.shape)}", layer=context.record.name)
    inner, given = context.shape[1:]
    forgotten_training(context, "kernel")
    weight = context.find_weight("(.*_)?W", outer, inner, width, given)
    settings = {"equation": "nid,jiod->njio", "output_shape": [outer, inner, width], "bias_axes": None}
    votes = context.layer("EinsumDense", settings, [weight], name=f"{context.name}_votes")
    context.note("rebuilt", f"from EinsumDense and ops: {rounds} rounds of routing")

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        hat = graph.call(votes, inputs)
        logits = ops.zeros_like(graph, ops.get_item(graph, hat, [slice(None), slice(None), slice(None), 0]))
        for index in range(rounds):
            shares = graph.op("nn.Softmax", logits, config={"axis": 1}, name=f"{context.name}_shares_{index}")
            found = _squashed(graph, ops.einsum(graph, "nji,njio->njo", shares, hat))
            if index < rounds - 1:
                logits = ops.add(graph, logits, ops.einsum(graph, "njo,njio->nji", found, hat))
        return found

    return Composite(body)


def _squashed(graph: Graph, x: Tensor) -> Tensor:
    squares = ops.sum(graph, ops.square(graph, x), axis=len(x.shape) - 1, keepdims=True)
    scale = ops.divide(graph, squares, ops.add(graph, squares, 1.0))
    scale = ops.divide(graph, scale, ops.sqrt(graph, ops.add(graph, squares, EPSILON)))
    return ops.multiply(graph, scale, x)


def _lengths(graph: Graph, x: Tensor, name: str) -> Tensor:
    squares = ops.sum(graph, ops.square(graph, x), axis=len(x.shape) - 1)
    return ops.sqrt(graph, squares, name=f"{name}_lengths")


@rule("capsnet>Length", masks="drop", origin="CapsNet-Keras")
def length(context: Context) -> Composite:
    """CapsNet-Keras's Length of every vector, as ops."""
    one_tensor(context)
    return Composite(lambda graph, x, _: _lengths(graph, one(x), context.name))


@rule("capsnet>Mask", masks="drop", origin="CapsNet-Keras")
def mask(context: Context) -> Composite:
    """CapsNet-Keras's Mask: the longest vector, or those that a second input names, in a row of zeros, as ops."""
    shape = context.shape
    if len(context.shapes) > 2 or len(shape) != 3 or None in shape[1:]:
        raise BadConfig(f"is called on {list(map(list, context.shapes))}", layer=context.record.name)
    flat = context.layer("Flatten", name=f"{context.name}_flat")

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        x, *given = tensors(inputs)
        chosen = given[0] if given else _longest(graph, x, context.name)
        shown = ops.expand_dims(graph, chosen, axis=-1, name=f"{context.name}_chosen")
        return graph.call(flat, ops.multiply(graph, x, shown, name=f"{context.name}_kept"))

    return Composite(body)


def _longest(graph: Graph, x: Tensor, name: str) -> Tensor:
    place = graph.op("numpy.Argmax", _lengths(graph, x, name), config={"axis": 1, "keepdims": False})
    return graph.op("nn.OneHot", place, config={"num_classes": x.shape[1], "axis": -1, "dtype": x.dtype})
