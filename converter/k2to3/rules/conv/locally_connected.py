"""Locally connected layers, which Keras 3 does not have.

Rebuilt from three layers: padding, a convolution whose identity kernel lays out the patch
under every position, and an EinsumDense with a kernel of its own per position.

Sources: tf_keras/src/layers/locally_connected and `conv_kernel_idxs` in
tf_keras/src/utils/conv_utils.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

import numpy as np

from k2to3.errors import BadConfig, UnsupportedOption
from k2to3.keras3.graph import Graph, Structure
from k2to3.keras3.layer import Layer
from k2to3.rules.activations.activation import Activation, activated, read_activation
from k2to3.rules.common import activity, trained
from k2to3.rules.conv.conv import rank_of, spatial
from k2to3.rules.conv.data_format import everywhere
from k2to3.rules.conv.locally_connected_kernel import Geometry, dense_indices, sparse_indices
from k2to3.rules.core.core import fold, kernel_and_bias
from k2to3.rules.language import Composite, Context, Native, rule
from k2to3.sources.json_text import Json
from k2to3.weights import Constant, Expression, Reshape, Take, Transpose

EQUATIONS = {1: ("blk,lkf->blf", "lf"), 2: ("bhwk,hwkf->bhwf", "hwf")}


@rule("LocallyConnected1D", "LocallyConnected2D", slots=kernel_and_bias, masks="drop")
@everywhere
def locally_connected(context: Context) -> Composite:
    """Gone in Keras 3: padding, a convolution that cuts out patches, and an EinsumDense.

    All three implementations, whose kernels have different layouts, end in the same form.
    Refused: inputs of unknown extent, which Keras 2 refused as well.
    """
    config, rank = context.config, rank_of(context.record.class_name)
    config.ignore("data_format", "input_length", "input_dim")
    filters = config.integer("filters")
    padding = config.take("padding", "valid")
    if padding not in ("valid", "same"):
        raise UnsupportedOption(f"value {padding!r}", layer=context.record.name, key="padding")
    settings = spatial(context, "kernel_size", "strides", rank=rank)
    space = [n for n in context.shape[1:] if n is not None]
    if len(space) != rank + 1:
        raise BadConfig("needs an input whose extents are all known", layer=context.record.name)
    first = context.record.config.get("data_format") == "channels_first"
    geometry = Geometry(
        tuple(space[:-1]),
        space[-1],
        tuple(settings["kernel_size"]),
        tuple(settings["strides"]),
        padding,
        filters,
        first,
    )
    variables = [_kernel(context, geometry)]
    if config.flag("use_bias", True):
        variables.append(_bias(context, geometry))
    activation = read_activation(context)
    if activation.folds:
        context.note("drift", "hard_sigmoid has another slope in Keras 3; 1.2 is folded into the weights")
        variables = [fold(variable) for variable in variables]
    return _rebuilt(context, geometry, variables, activation)


def _rebuilt(context: Context, geometry: Geometry, variables: list[Expression], activation: Activation) -> Composite:
    rank = len(geometry.size)
    equation, bias_axes = EQUATIONS[rank]
    settings: Json = {
        "equation": equation,
        "output_shape": [*geometry.out, geometry.filters],
        "bias_axes": bias_axes if len(variables) > 1 else None,
        **trained(context, "kernel", "bias"),
        **activity(context),
    }
    front = [_patches(context, geometry)]
    if geometry.padding == "same":
        front.insert(0, _padding(context, geometry))
    context.note("rebuilt", "patches cut out by an identity convolution, then EinsumDense with a kernel per position")
    outcome = activated(context, context.layer("EinsumDense", settings, variables), activation)

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        for layer in front:
            inputs = graph.call(layer, inputs)
        return graph.call(outcome.layer, inputs) if isinstance(outcome, Native) else outcome.body(graph, inputs, kwargs)

    return Composite(body)


def _padding(context: Context, geometry: Geometry) -> Layer:
    rank = len(geometry.size)
    margins = geometry.margins()
    settings: Json = {"padding": margins[0] if rank == 1 else margins}
    return context.layer(f"ZeroPadding{rank}D", settings, name=f"{context.name}_pad")


def _patches(context: Context, geometry: Geometry) -> Layer:
    """A frozen convolution: output channel (position in patch, input channel) copies one cell."""
    width = prod(geometry.size) * geometry.channels
    identity = np.eye(width, dtype=np.float32).reshape(*geometry.size, geometry.channels, width)
    settings: Json = {
        "filters": width,
        "kernel_size": list(geometry.size),
        "strides": list(geometry.strides),
        "padding": "valid",
        "use_bias": False,
    }
    name = f"Conv{len(geometry.size)}D"
    layer = context.layer(name, settings, [Constant(identity, "identity")], name=f"{context.name}_patches")
    layer.trainable = False
    return layer


def _kernel(context: Context, geometry: Geometry) -> Expression:
    implementation = context.config.integer("implementation", 1)
    patch, places = prod(geometry.size) * geometry.channels, prod(geometry.out)
    target = (*geometry.out, patch, geometry.filters)
    if implementation == 1:
        stored: Expression = context.weight("kernel", places, patch, geometry.filters)
        if geometry.first:
            # Patches of channels_first inputs are laid out channel by channel.
            split = Reshape(stored, (places, geometry.channels, prod(geometry.size), geometry.filters))
            stored = Transpose(split, (0, 2, 1, 3))
        return Reshape(stored, target)
    if implementation == 2:
        dense = context.weight("kernel", *geometry.dense_shape())
        return Take(dense, dense_indices(geometry).reshape(target), "connected cells of ")
    if implementation == 3:
        indices = sparse_indices(geometry)
        values = context.weight("kernel", int((indices >= 0).sum()))
        return Take(values, indices.reshape(target), "sorted cells of ")
    raise UnsupportedOption(f"value {implementation}", layer=context.record.name, key="implementation")


def _bias(context: Context, geometry: Geometry) -> Expression:
    stored = context.weight("bias", *geometry.out, geometry.filters)
    if not geometry.first:
        return stored
    # Keras 2 reshaped this bias to channels_first where it should have transposed it.
    rank = len(geometry.out)
    return Transpose(Reshape(stored, (geometry.filters, *geometry.out)), (*range(1, rank + 1), 0))
