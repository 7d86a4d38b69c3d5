"""`tf.keras.experimental.LinearModel` and `WideDeepModel`, where they stand inside a model."""

from __future__ import annotations

from collections.abc import Mapping

from k2to3.errors import UnsupportedOption
from k2to3.keras2.parse import parse_layer
from k2to3.keras3.graph import Graph, Structure
from k2to3.matching.slots import Slots
from k2to3.rules.activations.activation import activate, activated, read_activation
from k2to3.rules.common import trained
from k2to3.rules.core.core import fold, kernel_and_bias
from k2to3.rules.language import Composite, Context, Described, Native, rule


@rule("LinearModel", slots=kernel_and_bias, masks="drop")
def linear_model(context: Context) -> Native | Composite:
    """Gone in Keras 3: a Dense layer.

    Refused: several inputs, whose kernels Keras 2 could not save to HDF5 either.
    """
    config = context.config
    if len(context.shapes) > 1:
        raise UnsupportedOption("several inputs, which Keras 2 cannot save", layer=context.record.name)
    units = config.integer("units", 1)
    variables = [context.weight("kernel", context.shape[-1], units)]
    if use_bias := config.flag("use_bias", True):
        variables.append(context.weight("bias", units))
    activation = read_activation(context)
    if activation.folds:
        variables = [fold(variable) for variable in variables]
    settings = {"units": units, "use_bias": use_bias, **trained(context, "kernel", "bias")}
    context.note("rebuilt", "as a Dense layer")
    return activated(context, context.layer("Dense", settings, variables), activation)


PARTS = ("linear_model", "dnn_model")


def wide_deep_slots(layer: Described) -> Slots:
    children = {part: layer.slots(parse_layer(layer.config.peek(part) or {})) for part in PARTS}
    return Slots(children=children, trainable=layer.record.trainable)


@rule("WideDeepModel", slots=wide_deep_slots, masks="drop")
def wide_deep_model(context: Context) -> Composite:
    """Gone in Keras 3: both parts side by side, their sum, and the activation."""
    given = context.inputs if isinstance(context.inputs, list) and len(context.inputs) == 2 else [context.inputs] * 2
    parts = []
    for name, tensor in zip(PARTS, given, strict=True):
        record = parse_layer(context.config.take(name))
        label = f"{context.name}_{name}"
        parts.append(context.convert(record, context.weights.child(name), tensor, label))
    activation = read_activation(context)
    total = context.layer("Add", name=f"{context.name}_sum")
    context.note("rebuilt", "the linear and the deep part side by side, and their sum")

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        pair = inputs if isinstance(inputs, list) and len(inputs) == 2 else [inputs] * 2
        outputs = []
        for part, tensor in zip(parts, pair, strict=True):
            outputs.append(graph.call(part.layer, tensor) if isinstance(part, Native) else part.body(graph, tensor, {}))
        return activate(graph, graph.call(total, outputs), activation, context.name, context.policy)

    return Composite(body)
