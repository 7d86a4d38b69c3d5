"""Normalisation layers of keras-contrib.

Its files name them as other libraries and many people name theirs, so they are only used
when asked for: `--treat-as InstanceNormalization='keras_contrib>InstanceNormalization'`.
Source: github.com/keras-team/keras-contrib, keras_contrib/layers/normalization/.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from k2to3.errors import BadConfig, UnsupportedOption
from k2to3.keras3 import ops
from k2to3.keras3.graph import Graph, Structure, Tensor, one
from k2to3.keras3.layer import Layer
from k2to3.rules.common import forgotten_training, trained
from k2to3.rules.language import Composite, Context, rule
from k2to3.rules.normalization.normalization import DEFAULTS, layer_slots, read_axes
from k2to3.rules.rebuilding import added, one_tensor, reduce, scaled
from k2to3.weights import Reshape


@rule("keras_contrib>InstanceNormalization", slots=layer_slots, origin="keras-contrib")
def instance_normalization(context: Context) -> Composite:
    """keras-contrib's InstanceNormalization: (x - mean) / (standard deviation + epsilon), from ops."""
    one_tensor(context)
    rank = len(context.shape)
    kept = [] if context.config.peek("axis") is None else read_axes(context)
    context.config.ignore("axis")
    axes = [axis for axis in range(1, rank) if axis not in kept]
    epsilon = context.config.number("epsilon", 1e-3)
    parameters = _parameters(context, kept)

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        name = context.name
        centred, variance = _moments(graph, one(inputs), axes, name)
        deviation = ops.sqrt(graph, variance, name=f"{name}_deviation")
        below = ops.add(graph, deviation, epsilon, name=f"{name}_norm")
        return _affine(graph, ops.divide(graph, centred, below, name=f"{name}_normed"), parameters, name)

    return Composite(body)


def _moments(graph: Graph, tensor: Tensor, axes: list[int], name: str) -> tuple[Tensor, Tensor]:
    mean = reduce(graph, ops.mean, tensor, axes, f"{name}_mean")
    centred = ops.subtract(graph, tensor, mean, name=f"{name}_centred")
    squares = ops.square(graph, centred, name=f"{name}_squares")
    return centred, reduce(graph, ops.mean, squares, axes, f"{name}_variance")


def _parameters(context: Context, kept: list[int]) -> dict[str, Layer]:
    config = context.config
    used = [name for name, key in (("gamma", "scale"), ("beta", "center")) if config.flag(key, True)]
    starts = trained(context, "gamma", "beta", defaults=DEFAULTS)
    if not kept and used:
        raise UnsupportedOption("one factor for all channels", layer=context.record.name, key="axis")
    found = {}
    for name in used:
        prefix = f"{name}_"
        settings = {f"kernel_{k.removeprefix(prefix)}": v for k, v in starts.items() if k.startswith(prefix)}
        weight = context.weight(name, context.shape[kept[0]])
        found[name] = scaled(context, weight, kept, name, **settings)
    return found


def _affine(graph: Graph, tensor: Tensor, parameters: dict[str, Layer], name: str) -> Tensor:
    if "gamma" in parameters:
        tensor = graph.call(parameters["gamma"], tensor)
    if "beta" in parameters:
        tensor = added(graph, parameters["beta"], tensor, f"{name}_shift")
    return tensor


@rule("keras_contrib>GroupNormalization", slots=layer_slots, origin="keras-contrib")
def group_normalization(context: Context) -> Composite:
    """keras-contrib's GroupNormalization: channels last, its groups are runs of whole rows.

    It reshapes (batch, rows, columns, channels) to (batch, groups, rows, columns,
    channels / groups) without moving the channels, so a group is a contiguous part of the
    flattened image, and each of its `channels / groups` columns shares a pair of parameters
    per group. Rebuilt as computed, not as intended.
    """
    one_tensor(context)
    config, shape = context.config, context.shape
    axis, rank = read_axes(context)[0], len(shape)
    groups, width, epsilon = config.integer("groups", 32), shape[axis], config.number("epsilon", 1e-5)
    if width is None or width % groups or None in shape[1:]:
        raise BadConfig(f"{groups} groups of {width} channels of {list(shape)}", layer=context.record.name)
    inner = [n or 0 for n in shape[1:]]
    inner[axis - 1] = width // groups
    if axis != rank - 1 and axis != 1:
        raise UnsupportedOption("an axis in the middle", layer=context.record.name, key="axis")
    split = context.layer("Reshape", {"target_shape": [groups, *inner]}, name=f"{context.name}_groups")
    join = context.layer("Reshape", {"target_shape": list(shape[1:])}, name=f"{context.name}_joined")
    parameters = _group_parameters(context, groups, inner, axis)

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        name = context.name
        grouped = graph.call(split, inputs)
        centred, variance = _moments(graph, grouped, list(range(2, rank + 1)), name)
        below = ops.sqrt(graph, ops.add(graph, variance, epsilon, name=f"{name}_safe"), name=f"{name}_sd")
        normed = ops.divide(graph, centred, below, name=f"{name}_normed")
        return graph.call(join, _affine(graph, normed, parameters, name))

    return Composite(body)


def _group_parameters(context: Context, groups: int, inner: list[int], axis: int) -> dict[str, Layer]:
    used = [name for name, key in (("gamma", "scale"), ("beta", "center")) if context.config.flag(key, True)]
    forgotten_training(context, "gamma", "beta", defaults=DEFAULTS)
    assert prod(inner) > 0
    found = {}
    letters = "abcdefgh"[: len(inner) + 2]
    place = letters[axis + 1]
    for name in used:
        weight = Reshape(context.weight(name, context.shape[axis]), (groups, inner[axis - 1]))
        settings = {
            "equation": f"{letters},{letters[1]}{place}->{letters}",
            "output_shape": [groups, *inner],
            "bias_axes": None,
        }
        found[name] = context.layer("EinsumDense", settings, [weight], name=f"{context.name}_{name}")
    return found
