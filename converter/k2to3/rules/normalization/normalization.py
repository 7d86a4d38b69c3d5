"""Normalization layers.

tf.keras writes `axis` as a list; Keras 3's loader drops lists that are longer than one
(https://github.com/keras-team/keras/pull/20973), and its BatchNormalization takes one axis.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

from k2to3.errors import BadConfig, UnsupportedOption
from k2to3.keras3.graph import Graph, Structure
from k2to3.keras3.layer import Layer
from k2to3.matching.slots import Slots, Weights
from k2to3.rules.common import activity, trained
from k2to3.rules.language import Composite, Context, Described, Native, rule
from k2to3.rules.normalization.batch_statistics import PER_SAMPLE, always_training, batch_statistics, sample_statistics
from k2to3.rules.normalization.group_statistics import masked_groups
from k2to3.sources.json_text import Json
from k2to3.weights import Expression, Reshape

DEFAULTS = {"gamma": "ones", "beta": "zeros", "moving_mean": "zeros", "moving_variance": "ones"}
RENORM = ("moving_stddev", "renorm_mean", "renorm_stddev")


def read_axes(context: Context, default: int = -1) -> list[int]:
    """`axis` as a sorted list of non-negative axes."""
    return sorted(_axes_as_written(context, context.config.take("axis", default)))


def _axes_as_written(context: Context, value: Any) -> list[int]:
    if isinstance(value, dict):
        # A tuple, as TensorFlow writes one.
        value = value.get("items")
    axes = value if isinstance(value, list) else [value]
    if not all(isinstance(axis, int) for axis in axes):
        raise BadConfig(f"{value!r} is not an axis", layer=context.record.name, key="axis")
    rank = len(context.shape)
    if not all(-rank <= axis < rank for axis in axes):
        raise BadConfig(f"{value!r} are no axes of an input that has {rank}", layer=context.record.name, key="axis")
    return [axis % rank for axis in axes]


def kept_axes(context: Context) -> list[int]:
    """The axes along which a layer has weights, which Keras could not build on an open batch."""
    axes = read_axes(context)
    if 0 in axes and context.shape[0] is None:
        raise BadConfig("has weights along the batch, which is open", layer=context.record.name, key="axis")
    return axes


def batch_slots(layer: Described) -> Slots:
    trained_names = [n for n, key in (("gamma", "scale"), ("beta", "center")) if layer.config.peek(key, True)]
    other = ["moving_mean", "moving_variance"]
    if layer.config.peek("renorm", False):
        other += RENORM
    return Slots(tuple(trained_names), tuple(other), trainable=layer.record.trainable)


@rule(
    "BatchNormalization",
    "BatchNormalizationV1",
    "BatchNormalizationV2",
    "SyncBatchNormalization",
    slots=batch_slots,
)
def batch_normalization(context: Context) -> Native | Composite:
    """One axis only; renorm and virtual batches matter only while training.

    By statistics of its input (called with `training=True`, Keras 1's `mode` 1 and 2) it is
    rebuilt from ops: Keras 3's `predict()` overrules such a call.
    """
    config = context.config
    virtual = config.peek("virtual_batch_size") is not None
    if virtual:
        _undo_virtual_axis(context)
    _freeze(context)
    axes = kept_axes(context)
    if always_training(context):
        rebuilt = batch_statistics(context, axes)
        _drop_training_only(context)
        return rebuilt
    if config.peek("mode") == PER_SAMPLE:
        rebuilt = sample_statistics(context, axes)
        _drop_training_only(context)
        return rebuilt
    settings: Json = {
        "axis": axes[0] if len(axes) == 1 else -1,
        "momentum": config.number("momentum", 0.99),
        "epsilon": config.number("epsilon", 1e-3),
        "center": config.flag("center", True),
        "scale": config.flag("scale", True),
    }
    _drop_training_only(context)
    config.drop("mode", 0)
    settings |= trained(context, "gamma", "beta", "moving_mean", "moving_variance", defaults=DEFAULTS) | activity(
        context
    )
    names = ["gamma"] * settings["scale"] + ["beta"] * settings["center"] + ["moving_mean", "moving_variance"]
    if len(axes) == 1:
        width = context.shape[axes[0]]
        if virtual:
            context.weights = _flattened(context)
        variables = [context.weight(name, width) for name in names]
        return Native(context.layer("BatchNormalization", settings, variables))
    return _multi_axis(context, axes, settings, names)


def _freeze(context: Context) -> None:
    """keras-resnet's layer under Keras's name (keras-retinanet has it): frozen, it computes as at inference."""
    if "freeze" not in context.config:
        return
    if not context.config.flag("freeze"):
        raise UnsupportedOption(
            "keras-resnet's BatchNormalization that is not frozen: some of its releases normalised by the batch at "
            "inference as well, and the file does not tell",
            layer=context.record.name,
            key="freeze",
            hint="build the model with freeze=True (freeze_bn) and load the weights into it, as for inference",
        )
    context.note("dropped", "freeze: keras-resnet's layer computes from its stored statistics, as Keras's does")


def _undo_virtual_axis(context: Context) -> None:
    """Virtual batches are an axis of their own, and `build` had shifted `axis` behind it."""
    value = context.config.peek("axis")
    axes = value if isinstance(value, list) else [value]
    if len(axes) != 1 or not isinstance(axes[0], int):
        raise UnsupportedOption("several axes and virtual batches", layer=context.record.name, key="axis")
    context.config.override("axis", axes[0] - 1)


def _flattened(context: Context) -> Weights:
    """Weights stored as (1, 1, ..., n)."""
    return Weights({name: Reshape(slot, (max(slot.shape),)) for name, slot in context.weights.slots.items()})


def _drop_training_only(context: Context) -> None:
    config = context.config
    config.ignore("fused", "_USE_V2_BEHAVIOR", "name", "gamma_init", "beta_init", "synchronized")
    config.drop("adjustment", None)
    if config.take("renorm", False):
        context.note("dropped", "renorm: batch renormalization, used only while training")
    if config.take("virtual_batch_size", None) is not None:
        context.note("dropped", "virtual_batch_size: used only while training")
    config.ignore("renorm_clipping", "renorm_momentum")


def _multi_axis(context: Context, axes: list[int], settings: Json, names: list[str]) -> Composite:
    """Axes moved to the end and merged into one, normalised, and moved back."""
    shape = context.shape
    if any(shape[axis] is None for axis in axes):
        raise UnsupportedOption("several axes of unknown extent", layer=context.record.name, key="axis")
    width = prod(shape[axis] or 0 for axis in axes)
    variables: list[Expression] = []
    for name in names:
        stored = context.weights.slots.get(name)
        wanted = stored.shape if stored is not None else ()
        variables.append(Reshape(context.weight(name, *wanted), (width,)))
    layer = context.layer("BatchNormalization", settings, variables)
    context.note("rebuilt", f"normalises over axes {axes}: permuted into one axis and back")
    return Composite(_permuted(context, layer, axes))


def _permuted(context: Context, layer: Layer, axes: list[int]) -> Any:
    shape = context.shape
    rank = len(shape)
    rest = [axis for axis in range(1, rank) if axis not in axes]
    order = rest + axes
    back = [order.index(axis) + 1 for axis in range(1, rank)]
    merged = [_open(shape[axis]) for axis in rest]
    split = [*merged, *(_open(shape[axis]) for axis in axes)]
    unknown = sum(n == -1 for n in split)
    if unknown > 1:
        raise UnsupportedOption("several unknown extents", layer=context.record.name, key="axis")
    name = context.name
    steps = [
        context.layer("Permute", {"dims": order}, name=f"{name}_permute"),
        context.layer("Reshape", {"target_shape": [*merged, prod(shape[a] or 0 for a in axes)]}, name=f"{name}_merge"),
        layer,
        context.layer("Reshape", {"target_shape": split}, name=f"{name}_split"),
        context.layer("Permute", {"dims": back}, name=f"{name}_back"),
    ]

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        for step in steps:
            inputs = graph.call(step, inputs)
        return inputs

    return body


def _open(extent: int | None) -> int:
    return -1 if extent is None else extent


def layer_slots(layer: Described) -> Slots:
    names = [n for n, key in (("gamma", "scale"), ("beta", "center")) if layer.config.peek(key, True)]
    return Slots(tuple(names), trainable=layer.record.trainable)


@rule("LayerNormalization", slots=layer_slots)
def layer_normalization(context: Context) -> Native | Composite:
    """`axis` stays a list; PyTorch normalises trailing axes only, so others are permuted."""
    config = context.config
    axes = kept_axes(context)
    settings: Json = {
        "axis": axes[0] if len(axes) == 1 else axes,
        "epsilon": config.number("epsilon", 1e-3),
        "center": config.flag("center", True),
        "scale": config.flag("scale", True),
    }
    if axes == [len(context.shape) - 1]:
        settings["axis"] = -1
    settings |= trained(context, "gamma", "beta", defaults=DEFAULTS) | activity(context)
    wanted = [context.shape[axis] for axis in axes]
    names = ["gamma"] * settings["scale"] + ["beta"] * settings["center"]
    variables = [context.weight(name, *wanted) for name in names]
    layer = context.layer("LayerNormalization", settings, variables)
    rank = len(context.shape)
    if axes == list(range(rank - len(axes), rank)):
        return Native(layer)
    return _trailing(context, layer, axes)


def _trailing(context: Context, layer: Layer, axes: list[int]) -> Composite:
    rank = len(context.shape)
    order = [axis for axis in range(1, rank) if axis not in axes] + axes
    if len(order) != rank - 1:
        raise UnsupportedOption("normalises over the batch axis", layer=context.record.name, key="axis")
    back = [order.index(axis) + 1 for axis in range(1, rank)]
    last = list(range(rank - len(axes), rank))
    layer.config["axis"] = -1 if len(last) == 1 else last
    front = context.layer("Permute", {"dims": order}, name=f"{context.name}_permute")
    rear = context.layer("Permute", {"dims": back}, name=f"{context.name}_back")
    context.note("rebuilt", f"axes {axes} are moved to the end, where every backend can normalise")

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        return graph.call(rear, graph.call(layer, graph.call(front, inputs)))

    return Composite(body)


@rule("GroupNormalization", slots=layer_slots)
def group_normalization(context: Context) -> Native | Composite:
    """Unchanged; with a mask as an argument, which Keras 3 does not take, it is rebuilt from ops."""
    config = context.config
    axes = kept_axes(context)
    rank = len(context.shape)
    groups, epsilon = config.integer("groups", 32), config.number("epsilon", 1e-3)
    if context.kwargs.get("mask") is not None:
        return masked_groups(context, axes[0], groups, epsilon)
    if context.masked:
        raise UnsupportedOption(
            "Keras 2 leaves masked steps out of the statistics, Keras 3 cannot", layer=context.record.name
        )
    settings: Json = {
        "groups": groups,
        "axis": -1 if axes[0] == rank - 1 else axes[0],
        "epsilon": epsilon,
        "center": config.flag("center", True),
        "scale": config.flag("scale", True),
    }
    settings |= trained(context, "gamma", "beta", defaults=DEFAULTS) | activity(context)
    width = context.shape[axes[0]]
    names = ["gamma"] * settings["scale"] + ["beta"] * settings["center"]
    return Native(context.layer("GroupNormalization", settings, [context.weight(n, width) for n in names]))


@rule("UnitNormalization")
def unit_normalization(context: Context) -> Native:
    """`axis` stays a list, which Keras 3's own loader drops."""
    axes = read_axes(context)
    axis = axes[0] if len(axes) == 1 else axes
    return Native(context.layer("UnitNormalization", {"axis": axis}))


def statistics_slots(layer: Described) -> Slots:
    if layer.config.peek("mean") is not None:
        return Slots(trainable=layer.record.trainable)
    return Slots(other=("mean", "variance", "count"), trainable=layer.record.trainable)


@rule("Normalization", slots=statistics_slots, masks="drop")
def normalization(context: Context) -> Native:
    """Keras 3's Normalization passes masks on; Keras 2's did not. Lists of axes are kept."""
    config = context.config
    value = config.take("axis", -1)
    rank = len(context.shape)
    axes = [] if value is None else _axes_as_written(context, value)
    settings: Json = {"axis": None if value is None else (axes[0] if len(axes) == 1 else sorted(axes))}
    if axes == [rank - 1]:
        settings["axis"] = -1
    if config.take("invert", False):
        settings["invert"] = True
    mean, variance = config.take("mean", None), config.take("variance", None)
    if (mean is None) != (variance is None):
        raise BadConfig("mean and variance are given together, or neither", layer=context.record.name, key="mean")
    if axes != sorted(axes) and context.writer.before(2, 4):
        raise UnsupportedOption("axes that do not ascend, before TensorFlow 2.3", layer=context.record.name, key="axis")
    # Statistics stand in the order of the input's axes, however the author named them.
    wanted = [context.shape[axis] for axis in sorted(axes)]
    if mean is not None:
        settings |= {"mean": _full(mean, wanted), "variance": _full(variance, wanted)}
        return Native(context.layer("Normalization", settings))
    count = context.weight("count")
    variables = [context.weight("mean", *wanted), context.weight("variance", *wanted), count]
    return Native(context.layer("Normalization", settings, variables))


def _full(value: Any, shape: list[int | None]) -> Any:
    """Scalars as full vectors: Keras 3.6 reads nothing else."""
    import numpy as np

    if isinstance(value, dict):
        value = value.get("value", value.get("config", {}).get("value"))
    array = np.asarray(value, dtype=np.float64)
    extents = [n for n in shape if n is not None]
    if array.size == 1 and extents:
        return np.full(extents, array.ravel()[0]).tolist()
    if array.size == prod(extents):
        return array.reshape(extents).tolist()
    return array.tolist()
