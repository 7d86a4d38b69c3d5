"""Activation layers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from k2to3.errors import UnsupportedOption
from k2to3.keras3.graph import Graph, Structure, one
from k2to3.matching.slots import Slots
from k2to3.rules.attention.additive_mask import mask_scores
from k2to3.rules.common import trained
from k2to3.rules.language import Composite, Context, Described, Native, rule
from k2to3.sources.json_text import Json
from k2to3.weights import Constant


@rule("LeakyReLU")
def leaky_relu(context: Context) -> Native:
    """`alpha` became `negative_slope`; a negative one, which Keras 3 refuses, is a PReLU."""
    key = "negative_slope" if "negative_slope" in context.config else "alpha"
    slope = context.config.number(key, 0.3)
    if slope >= 0:
        return Native(context.layer("LeakyReLU", {"negative_slope": slope}))
    context.note("drift", "Keras 3 refuses a negative slope; a PReLU with that constant slope")
    axes = list(range(1, len(context.shape)))
    value = Constant(np.full([1] * len(axes), slope, np.float32), f"slope {slope}")
    return Native(context.layer("PReLU", {"shared_axes": axes}, [value]))


def prelu_slots(layer: Described) -> Slots:
    return Slots(("alpha",), trainable=layer.record.trainable)


@rule("PReLU", slots=prelu_slots)
def prelu(context: Context) -> Native:
    """Unchanged."""
    given = context.config.take("shared_axes", None)
    shared = [given] if isinstance(given, int) else given
    wanted = [1 if shared and axis in shared else extent for axis, extent in enumerate(context.shape) if axis > 0]
    settings: Json = {"shared_axes": shared} if shared else {}
    settings |= trained(context, "alpha", defaults={"alpha": "zeros"})
    return Native(context.layer("PReLU", settings, [context.weight("alpha", *wanted)]))


@rule("ELU")
def elu(context: Context) -> Native:
    """Unchanged."""
    return Native(context.layer("ELU", {"alpha": context.config.number("alpha", 1.0)}))


@rule("ReLU")
def relu(context: Context) -> Native | Composite:
    """Unchanged, except for slopes that Keras 3 refuses."""
    config = context.config
    maximum = config.take("max_value", None)
    if isinstance(maximum, dict):
        maximum = maximum.get("value")
    settings: Json = {
        "max_value": maximum,
        "negative_slope": config.number("negative_slope", 0.0),
        "threshold": config.number("threshold", 0.0),
    }
    return Native(context.layer("ReLU", settings))


@rule("ThresholdedReLU")
def thresholded_relu(context: Context) -> Native:
    """Gone in Keras 3; the same function as `ReLU(threshold=theta)`."""
    theta = context.config.number("theta", 1.0)
    context.note("rebuilt", f"as ReLU(threshold={theta})")
    if theta < 0:
        raise UnsupportedOption("a negative threshold", layer=context.record.name, key="theta")
    return Native(context.layer("ReLU", {"threshold": theta}))


def _mask_ignored(context: Context) -> bool:
    """Softmax takes masks since TF 2.4, which calls itself 2.4.0 like TF 2.3.

    A mask (batch, steps) over scores (batch, steps, features) does not broadcast in TF 2.4,
    unless there are as many steps as features.
    """
    if context.kwargs.get("mask") is not None or not context.writer.before(2, 4, 1):
        return False
    _, *extents = context.shape
    if context.writer.before(2, 4) or (len(extents) == 2 and extents[0] != extents[1]):
        return True
    raise UnsupportedOption(
        "TF 2.4 applies the mask of its input, TF 2.3 does not, and the file does not say which wrote it",
        layer=context.record.name,
    )


@rule("Softmax")
def softmax(context: Context) -> Native | Composite:
    """Several axes stay a list; a mask is added as Keras 2 added it, from TF 2.4 on."""
    config = context.config
    value = config.take("axis", -1)
    robust = config.flag("robust_masking", False)
    if isinstance(value, dict):
        value = value.get("items", value.get("value"))
    axis = value[0] if isinstance(value, list) and len(value) == 1 else value
    layer = context.layer("Softmax", {"axis": axis})
    if not context.masked and context.kwargs.get("mask") is None:
        return Native(layer)
    if _mask_ignored(context):
        return Native(layer, masks=lambda args: {"mask": None})
    context.note("drift", "Keras 3 treats fully masked rows in another way; rebuilt as Keras 2 computed it")

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        tensor, mask = one(inputs), kwargs.get("mask")
        if mask is None and tensor.mask is not None:
            mask = graph.mask_tensor(tensor.mask)
        if mask is None:
            return graph.call(layer, graph.unmasked(tensor))
        masked = mask_scores(graph, tensor, one(mask), robust)
        masked.mask = tensor.mask
        return graph.call(layer, masked, masks={})

    return Composite(body, inline=True)
