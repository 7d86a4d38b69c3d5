"""More axes in front of a convolution than the batch: TensorFlow's Keras folded them into it.

Source: `batch_rank` in tf_keras/layers/convolutional/base_conv.py (TF 2.2 and later).
"""

from __future__ import annotations

from collections.abc import Callable

from k2to3.keras3.graph import Graph, tensors
from k2to3.rules.language import Composite, Context, Native

Convert = Callable[[Context], Native | Composite]


def leading_axes(rank_of: Callable[[str], int]) -> Callable[[Convert], Convert]:
    """Wrap the rule of a layer that works on `rank_of(class name)` spatial axes."""

    def decorate(convert: Convert) -> Convert:
        def wrapped(context: Context) -> Native | Composite:
            extra = len(context.shape) - rank_of(context.record.class_name) - 2
            return convert(context) if extra <= 0 else _distributed(context, convert, extra)

        wrapped.__doc__ = convert.__doc__
        wrapped.__module__ = convert.__module__
        return wrapped

    return decorate


def _distributed(context: Context, convert: Convert, extra: int) -> Native:
    """The layer inside one TimeDistributed for each extra axis."""
    shape, dtype = context.shape, next(tensors(context.inputs)).dtype
    inner_shape = (shape[0], *shape[1 + extra :])
    context.inputs = Graph().input("input", inner_shape, dtype)
    name = f"{context.name}_inner"
    layer = context.as_layer(convert(context), inner_shape, name, dtype)
    layer.name = name
    context.note("rebuilt", f"{extra} more axes than Keras 3 takes: inside TimeDistributed")
    for depth in range(extra):
        label = context.name if depth == extra - 1 else f"{context.name}_axis_{depth + 1}"
        layer = context.layer("TimeDistributed", {"layer": layer}, name=label, layer=layer)
    return Native(layer)
