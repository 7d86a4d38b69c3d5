"""QDense, the QConv layers, QBatchNormalization and QActivation: Keras's own, over weights as they are used.

Source: qkeras/qlayers.py, qconvolutional.py, qnormalization.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from k2to3.keras2.model import LayerRecord
from k2to3.keras3.graph import Graph, Structure, one
from k2to3.matching.slots import Slots, Weights
from k2to3.rules.activations.given_activation import given_activation
from k2to3.rules.language import Composite, Context, Described, Native, Outcome, rule
from k2to3.rules.third_party.qkeras.activations import quantised
from k2to3.rules.third_party.qkeras.quantizers import is_quantizer, read_quantizer
from k2to3.rules.third_party.qkeras.rounding import folded

KERNELS = ("QDense", "QConv1D", "QConv2D", "QConv2DTranspose", "QDepthwiseConv2D")
# The weights of a layer that have a quantizer, which is not scaled by itself for all but the kernels.
QUANTISED = {"kernel": True, "depthwise_kernel": True, "depthwise": True, "bias": False, "gamma": False, "beta": False,
             "mean": False, "variance": False}  # fmt: skip
SLOT = {"depthwise": "depthwise_kernel", "mean": "moving_mean", "variance": "moving_variance"}


def keras_slots(layer: Described) -> Slots:
    return layer.slots(_plain(layer.record))


def _plain(record: LayerRecord) -> LayerRecord:
    """The layer of Keras's own below it."""
    config = {k: v for k, v in record.config.items() if not k.endswith(("_quantizer", "_range"))}
    for key in ("kernel_constraint", "depthwise_constraint", "bias_constraint", "gamma_constraint", "beta_constraint"):
        value = config.get(key)
        if isinstance(value, dict) and value.get("class_name") == "Clip":
            # Keeps weights within what the quantizer can say, while training.
            config[key] = None
    if is_quantizer(config.get("activation")):
        config["activation"] = "linear"
    return replace(record, class_name=record.class_name.removeprefix("Q"), config=config)


@rule(*KERNELS, "QBatchNormalization", slots=keras_slots, origin="qkeras")
def quantised_layer(context: Context) -> Native | Composite:
    """QKeras's layers: their kernels and biases as they are used, folded into a layer of Keras's own."""
    record, config = context.record, context.record.config
    context.config.ignore(*context.config.keys())
    slots = dict(context.weights.slots)
    said = []
    for name, scaled in QUANTISED.items():
        slot = SLOT.get(name, name)
        quantizer = read_quantizer(config.get(f"{name}_quantizer"), record.name, f"{name}_quantizer")
        if quantizer is not None and slot in slots:
            slots[slot] = folded(slots[slot], quantizer, record.name, scaled)
            said.append(f"{quantizer} of {slot}")
    if said:
        context.note("dropped", f"quantizers of QKeras 0.9 are folded in: {', '.join(said)}; training changes them")
    inner = context.convert(_plain(record), Weights(slots), context.inputs, context.name)
    if not is_quantizer(config.get("activation")):
        return inner
    return _followed(context, inner, config["activation"])


def _followed(context: Context, inner: Outcome, activation: Any) -> Composite:
    after = _activation(context, activation)
    context.note("rebuilt", "its activation stands behind it as operations of its own")

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        found = graph.call(inner.layer, inputs) if isinstance(inner, Native) else inner.body(graph, inputs, kwargs)
        return after(graph, one(found))

    return Composite(body)


def _activation(context: Context, value: Any) -> Callable[..., Structure]:
    given = given_activation(context, context.record.name)
    if given is not None:
        return given
    quantizer = read_quantizer(value, context.record.name, "activation")
    assert quantizer is not None
    return lambda graph, x: quantised(graph, x, quantizer, context.record.name, context.name)


@rule("QActivation", origin="qkeras")
def quantised_activation(context: Context) -> Native | Composite:
    """QKeras's QActivation: rounding and clipping as ops."""
    value = context.config.take("activation")
    if not is_quantizer(value):
        config = {**context.record.config, "activation": value}
        record = replace(context.record, class_name="Activation", config=config)
        context.config.ignore(*context.config.keys())
        return context.convert(record, context.weights, context.inputs, context.name)
    apply = _activation(context, value)
    context.note("rebuilt", "from ops; where a value lies between two steps, rounding before it decides")
    return Composite(lambda graph, x, _: apply(graph, one(x)))
