"""Layers that only Keras 1 had, and the kernel layouts of its convolutions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k2to3.errors import UnsupportedOption
from k2to3.keras3 import ops
from k2to3.keras3.graph import Graph, Structure, several
from k2to3.matching.slots import Slots
from k2to3.rules.activations.activation import activated, read_activation
from k2to3.rules.common import forgotten_regularizer, forgotten_training
from k2to3.rules.core.lambda_ import lambda_layer
from k2to3.rules.language import Composite, Context, Described, Masks, Native, rule
from k2to3.rules.merging.merging import and_masks, concatenate_masks
from k2to3.weights import Expression, Reshape, Transpose

MERGES = {"sum": "Add", "mul": "Multiply", "ave": "Average", "max": "Maximum"}


def merge_masks(context: Context, masks: Masks) -> Masks:
    if context.config.peek("mode") in ("dot", "cos") or context.config.peek("mode_type") in ("lambda", "function"):
        return [None]
    if context.config.peek("mode") == "concat":
        context.config.override("axis", context.config.peek("concat_axis", -1))
        return concatenate_masks(context, masks)
    return and_masks(context, masks)


@rule("Merge", masks=merge_masks)
def merge(context: Context) -> Native | Composite:
    """Gone since Keras 2: one layer per mode (Add, Multiply, Average, Maximum, Concatenate, Dot)."""
    config = context.config
    mode = config.take("mode", "sum")
    axis = config.take("concat_axis", -1)
    axes = config.take("dot_axes", -1)
    config.ignore("node_indices", "tensor_indices", "layers")
    if not isinstance(mode, str) or config.peek("mode_type") in ("lambda", "function"):
        return merge_function(context, mode)
    config.ignore("output_shape", "output_shape_type", "mode_type", "output_mask", "output_mask_type", "arguments")
    context.note("rebuilt", f"Merge(mode={mode!r}) as the layer of that name")
    if mode in MERGES:
        return Native(context.layer(MERGES[mode]))
    if mode == "concat":
        return Native(context.layer("Concatenate", {"axis": axis}))
    if mode not in ("dot", "cos"):
        raise UnsupportedOption(f"{mode!r} is not a merge mode", layer=context.record.name, key="mode")
    pair = [a[0] if isinstance(a, list) else a for a in axes] if isinstance(axes, list) else axes
    if mode == "dot":
        return Native(context.layer("Dot", {"axes": pair, "normalize": False}))
    return _cosine(context, pair)


def _cosine(context: Context, axes: int | list[int]) -> Composite:
    """`mode="cos"`: a cosine of vectors; of sequences, products divided place by place (keras 1.2.2, topology.py)."""
    names = ("dot", "first", "second")
    product, first, second = (
        context.layer("Dot", {"axes": axes, "normalize": False}, name=f"{context.name}_{name}") for name in names
    )

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        left, right = several(inputs)
        squares = ops.multiply(graph, graph.call(first, [left, left]), graph.call(second, [right, right]))
        # `K.sqrt` takes negative numbers for 0.
        root = ops.sqrt(graph, ops.maximum(graph, squares, 0.0))
        length = ops.maximum(graph, root, 1e-7)
        found = ops.true_divide(graph, graph.call(product, inputs), length)
        return ops.expand_dims(graph, found, axis=1)

    return Composite(body)


def merge_function(context: Context, mode: Any) -> Native | Composite:
    """A Merge by Python code is a Lambda on several inputs."""
    config = context.config
    if config.take("output_mask", None) is not None:
        raise UnsupportedOption("a mask of Python code", layer=context.record.name, key="output_mask")
    config.ignore("output_mask_type")
    config.override("function", mode)
    config.override("function_type", config.take("mode_type", "lambda"))
    return lambda_layer(context)


def highway_slots(layer: Described) -> Slots:
    names = ("W", "W_carry", "b", "b_carry") if layer.config.peek("use_bias", True) else ("W", "W_carry")
    return Slots(names, trainable=layer.record.trainable)


@rule("Highway", slots=highway_slots)
def highway(context: Context) -> Composite:
    """Gone since Keras 2: y * t + x * (1 - t) from two Dense layers."""
    config = context.config
    use_bias = config.flag("use_bias", True)
    config.ignore("transform_bias")
    forgotten_regularizer(context)
    width = context.shape[-1]
    settings: dict[str, Any] = {"units": width, "use_bias": use_bias}
    value, gate = _pair(context, "", width, use_bias), _pair(context, "_carry", width, use_bias)
    forgotten_training(context, "kernel", "bias")
    inner = context.layer("Dense", dict(settings), value, name=f"{context.name}_transform")
    outcome = activated(context, inner, read_activation(context))
    carry = context.layer("Dense", {**settings, "activation": "sigmoid"}, gate, name=f"{context.name}_gate")
    rest = context.layer("Rescaling", {"scale": -1.0, "offset": 1.0}, name=f"{context.name}_rest")
    new = context.layer("Multiply", name=f"{context.name}_new")
    old = context.layer("Multiply", name=f"{context.name}_old")
    total = context.layer("Add", name=f"{context.name}_sum")
    context.note("rebuilt", "from two Dense layers: y * t + x * (1 - t)")

    def body(graph: Graph, x: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        y = graph.call(outcome.layer, x) if isinstance(outcome, Native) else outcome.body(graph, x, {})
        t = graph.call(carry, x)
        return graph.call(total, [graph.call(new, [y, t]), graph.call(old, [graph.call(rest, t), x])])

    return Composite(body)


def _pair(context: Context, suffix: str, width: int | None, use_bias: bool) -> list[Expression]:
    found = [context.weight(f"W{suffix}", width, width)]
    return [*found, context.weight(f"b{suffix}", width)] if use_bias else found


def maxout_slots(layer: Described) -> Slots:
    return Slots(("W", "b") if layer.config.peek("use_bias", True) else ("W",), trainable=layer.record.trainable)


@rule("MaxoutDense", slots=maxout_slots, masks="drop")
def maxout_dense(context: Context) -> Composite:
    """Gone since Keras 2: EinsumDense over the features, then their maximum."""
    config = context.config
    units, features = config.integer("units"), config.integer("nb_feature")
    use_bias = config.flag("use_bias", True)
    forgotten_training(context, "kernel", "bias")
    forgotten_regularizer(context)
    variables = [context.weight("W", features, context.shape[-1], units)]
    if use_bias:
        variables.append(context.weight("b", features, units))
    settings = {"equation": "bi,kio->bko", "output_shape": [features, units], "bias_axes": "ko" if use_bias else None}
    dense = context.layer("EinsumDense", settings, variables, name=f"{context.name}_features")
    pool = context.layer("GlobalMaxPooling1D", {"data_format": "channels_last"}, name=f"{context.name}_max")
    context.note("rebuilt", "EinsumDense, then the maximum over the features")
    return Composite(lambda graph, x, _: graph.call(pool, graph.call(dense, x)))


def conv_kernel(context: Context, shape: tuple[int | None, ...], transposed: bool) -> Expression:
    """A convolution kernel (*size, in, out) from one of Keras 1's layouts.

    Source: `preprocess_weights_for_loading` of Keras 2.2.4 (engine/saving.py).
    """
    stored = context.weights.slots.get("kernel")
    rank = len(shape) - 2
    if stored is None or not context.writer.keras1:
        return context.weight("kernel", *shape)
    first = context.record.config.get("data_format") == "channels_first"
    if rank == 1:
        return _conv1d_kernel(context, shape)
    space = tuple(range(2, rank + 2))
    if transposed:
        axes = (*space, 0, 1) if first else (0, 1, 3, 2)
    elif first:
        axes = (*space, 1, 0)
    else:
        return context.weight("kernel", *shape)
    back = [axes.index(axis) for axis in range(len(axes))]
    return Transpose(context.weight("kernel", *(shape[axis] for axis in back)), axes)


def _conv1d_kernel(context: Context, shape: tuple[int | None, ...]) -> Expression:
    length, width, filters = shape
    stored = context.weights.slots["kernel"].shape
    if len(stored) == 4 and (stored[:2] != (length, 1) or stored[3] != filters):
        old = Transpose(context.weight("kernel", filters, width, length, 1), (2, 3, 1, 0))
    else:
        old = context.weight("kernel", length, 1, width, filters)  # type: ignore[assignment]
    assert length is not None and filters is not None
    return Reshape(old, (length, old.shape[2], filters))
