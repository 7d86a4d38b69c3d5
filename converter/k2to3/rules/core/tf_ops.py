"""TensorFlow functions called on Keras tensors since TF 2.4: one layer per call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k2to3.errors import BadConfig
from k2to3.functions.dispatch import call
from k2to3.functions.emitter import Emitter
from k2to3.functions.fitting import fitting
from k2to3.functions.nodedef import convert_nodedef
from k2to3.functions.nodedef_reading import positional, read_nodedef
from k2to3.functions.values import Value
from k2to3.keras3.graph import Graph, Structure, tensors
from k2to3.rules.language import Composite, Context, rule


def emitter_for(context: Context, graph: Graph) -> Emitter:
    """An emitter that speaks for the layer of `context`."""
    quiet = context.conversion.options.accept_noise_off
    return Emitter(graph, context.name, context.record.name, context.writer, context.note, quiet)


def settle_name(context: Context, graph: Graph, before: int, found: Value) -> None:
    """The last of the nodes that a layer became carries the layer's own name."""
    last = next(iter(tensors(found)), None)
    made = graph.nodes[before:]
    if last is None or getattr(last.node.operation, "variables", None):
        return
    if last.node in made and all(n.operation.name != context.name for n in graph.nodes):
        last.node.operation.name = context.name


def decoded(value: Any) -> Value:
    """Slices, ellipses and dtypes as Keras 2 wrote them into call arguments."""
    if isinstance(value, dict):
        if set(value) == {"start", "stop", "step"}:
            return slice(*(decoded(value[key]) for key in ("start", "stop", "step")))
        if value.get("class_name") == "__ellipsis__":
            return Ellipsis
        if value.get("class_name") == "TensorShape":
            return tuple(value.get("items", ()))
        return {key: decoded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [decoded(item) for item in value]
    if type(value) is int and not -(1 << 63) <= value < 1 << 64:
        raise BadConfig("a number of more than 64 bits is an argument", key="inbound_nodes")
    return value


@rule("TFOpLambda", "SlicingOpLambda", masks="drop")
def tf_op(context: Context) -> Composite:
    """Became native op nodes or built-in layers that compute the same; see `k2to3.functions`."""
    function = str(context.config.take("function"))

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Value:
        before = len(graph.nodes)
        emitter = emitter_for(context, graph)
        symbol = function if function.startswith("keras.") else f"tensorflow.{function}"
        found = call(emitter, symbol, [decoded(inputs)], {key: decoded(value) for key, value in kwargs.items()})
        settle_name(context, graph, before, found)
        return flattened(found)

    return Composite(body, inline=True, values=True)


def flattened(found: Value) -> Value:
    """Results in the order by which Keras 2 counts them: `(clipped, norm)` of two tensors are three."""
    if not isinstance(found, list) or not any(isinstance(item, list) for item in found):
        return found
    return [leaf for item in found for leaf in (flattened(item) if isinstance(item, list) else [item])]


@rule("InstanceProperty", "InstanceMethod", masks="drop")
def instance_property(context: Context) -> Composite:
    """Attributes and methods of tensors; only those of dense tensors exist in Keras 3."""
    name = str(context.config.take("attr_name"))

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Value:
        emitter = emitter_for(context, graph)
        raise emitter.refuse(
            f"attribute {name!r} of a ragged or sparse tensor",
            hint="the operations of Keras 3 take no ragged tensors; pad to a dense tensor with a mask before the model",
        )

    return Composite(body, inline=True, values=True)


@rule("ClassMethod", masks="drop")
def class_method(context: Context) -> Composite:
    """Class methods of TensorFlow types (`tf.RaggedTensor.from_tensor`); none exists in Keras 3."""
    owner, name = str(context.config.take("cls_symbol")), str(context.config.take("method_name"))

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Value:
        return call(emitter_for(context, graph), f"tensorflow.{owner}.{name}", [inputs], kwargs)

    return Composite(body, inline=True, values=True)


@rule("TensorFlowOpLayer", masks="drop")
def tensorflow_op_layer(context: Context) -> Composite:
    """A node of TensorFlow's graph (TF 1.15 to 2.3), read without TensorFlow; became native ops."""
    stored, constants = context.config.take("node_def"), context.config.take("constants", None) or {}

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Value:
        before = len(graph.nodes)
        emitter = emitter_for(context, graph)
        given = list(inputs) if isinstance(inputs, list) else [inputs]
        with fitting(emitter, "its node"):
            node = read_nodedef(emitter, stored)
            found = convert_nodedef(emitter, node, positional(emitter, node, constants, given))
        settle_name(context, graph, before, found)
        return found

    return Composite(body, inline=True, values=True)
