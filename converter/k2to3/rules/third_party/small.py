"""Small layers of well-known projects, without or with one weight."""

from __future__ import annotations

from collections.abc import Mapping

from k2to3.errors import BadConfig, UnsupportedOption
from k2to3.keras3 import ops
from k2to3.keras3.graph import Graph, Structure, tensors
from k2to3.matching.slots import Slots
from k2to3.rules.language import Composite, Context, Described, Native, as_stored, rule
from k2to3.rules.rebuilding import added, one_tensor, scaled


@rule("Bias", slots=as_stored, masks="drop", origin="third party")
def bias(context: Context) -> Composite:
    """RocAlphaGo's Bias: adds one trainable value per position of the board.

    Source: github.com/Rochester-NRT/RocAlphaGo, AlphaGo/models/nn_util.py. Other classes of
    this name are told apart by the writer (multi-backend Keras) and the weight's shape.
    """
    one_tensor(context)
    if not context.writer.standalone:
        raise UnsupportedOption(
            "a class of the author's own", layer=context.record.name, hint="--rules or --custom-objects"
        )
    weight = context.find_weight(r"param_0|(.*_)?W", *context.shape[1:])
    layer = scaled(context, weight, list(range(1, len(context.shape))), "weight")
    context.note("rebuilt", "as EinsumDense over ones, added")
    return Composite(lambda graph, x, _: added(graph, layer, x, context.name))


@rule("SqueezeLayer", masks="drop", origin="third party")
def squeeze(context: Context) -> Composite:
    """crema's SqueezeLayer: removes one axis of extent 1.

    Source: github.com/bmcfee/crema, crema/layers.py.
    """
    one_tensor(context)
    axis = context.config.integer("axis", -1) % len(context.shape)
    if axis == 0 or context.shape[axis] != 1:
        raise BadConfig(f"axis {axis} of {list(context.shape)} is not 1", layer=context.record.name, key="axis")
    context.note("rebuilt", "as the op Squeeze")
    return Composite(lambda graph, x, _: ops.squeeze(graph, x, axis, name=context.name), inline=True)


@rule("FixedDropout", origin="third party")
def fixed_dropout(context: Context) -> Native:
    """EfficientNet's Dropout with a noise shape.

    Source: github.com/qubvel/efficientnet, efficientnet/model.py; its subclass changes only
    how the noise shape is read, so it is the identity at inference.
    """
    settings: dict[str, object] = {"rate": context.config.number("rate")}
    shape, seed = context.config.take("noise_shape", None), context.config.take("seed", None)
    settings |= {"noise_shape": list(shape)} if shape is not None else {}
    settings |= {"seed": int(seed)} if seed is not None else {}
    return Native(context.layer("Dropout", settings))


@rule("CustomScaleLayer", "Custom>CustomScaleLayer", masks="drop", origin="third party")
def custom_scale(context: Context) -> Composite:
    """InceptionResNetV2 of Keras 2.14 and later: a + scale · b.

    Source: tf_keras/src/applications/inception_resnet_v2.py.
    """
    scale = context.config.number("scale")
    if len(context.shapes) != 2:
        raise BadConfig("needs two tensors", layer=context.record.name)
    second = context.layer("Rescaling", {"scale": scale, "offset": 0.0}, name=f"{context.name}_scaled")
    total = context.layer("Add", name=f"{context.name}_sum")

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        first, other = tensors(inputs)
        return graph.call(total, [first, graph.call(second, other)])

    return Composite(body)


def scale_slots(layer: Described) -> Slots:
    return Slots(("gamma",), trainable=layer.record.trainable)


@rule("LayerScale", "Custom>LayerScale", slots=scale_slots, masks="drop", origin="third party")
def layer_scale(context: Context) -> Native:
    """ConvNeXt's LayerScale: one trainable factor per channel, as EinsumDense.

    Source: tf_keras/src/applications/convnext.py.
    """
    one_tensor(context)
    config = context.config
    start = {"module": "keras.initializers", "class_name": "Constant", "registered_name": None}
    value = {**start, "config": {"value": config.number("init_values")}}
    config.drop("projection_dim", context.shape[-1])
    gamma = context.weight("gamma", context.shape[-1])
    layer = scaled(context, gamma, [len(context.shape) - 1], kernel_initializer=value)
    layer.name = context.name
    return Native(layer)


@rule("StochasticDepth", "Custom>StochasticDepth", masks="drop", origin="third party")
def stochastic_depth(context: Context) -> Native:
    """ConvNeXt's StochasticDepth: Dropout of whole samples.

    Source: tf_keras/src/applications/convnext.py.
    """
    rate = context.config.number("drop_path_rate")
    shape = [None, *[1] * (len(context.shape) - 1)]
    return Native(context.layer("Dropout", {"rate": rate, "noise_shape": shape}))
