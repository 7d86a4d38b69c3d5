"""Layers without weights.

Sources: keras_bert/layers/extract.py, keras_bert/layers/masked.py, keras_bert/layers/pooling.py.
"""

from __future__ import annotations

from collections.abc import Mapping

from k2to3.errors import BadConfig
from k2to3.keras3 import ops
from k2to3.keras3.graph import Graph, Structure, one, tensors
from k2to3.keras3.masks import all_of, nonzero
from k2to3.rules.language import Composite, Context, Masks, rule
from k2to3.rules.rebuilding import one_tensor

HIDDEN = 1e6
"""Taken off the features of masked steps, so that they are not the largest."""


@rule("keras_bert>Extract", masks="drop", origin="keras-bert")
def extract(context: Context) -> Composite:
    """keras-bert's Extract: one step."""
    one_tensor(context)
    index = context.config.integer("index")
    return Composite(
        lambda graph, x, _: ops.get_item(graph, one(x), [slice(None), index], name=context.name), inline=True
    )


def both_masks(context: Context, masks: Masks) -> Masks:
    """The steps that were masked out and are not padding."""
    _, chosen = tensors(context.inputs)
    return [all_of([mask for mask in (nonzero(chosen), masks[0]) if mask is not None]), None]


@rule("keras_bert>Masked", masks=both_masks, origin="keras-bert")
def masked(context: Context) -> Composite:
    """keras-bert's Masked: its first input; what it is for is the mask, which the loss looks at."""
    context.config.drop("return_masked", False)
    if len(context.shapes) != 2:
        raise BadConfig("needs features and what is masked out", layer=context.record.name)
    return Composite(lambda graph, x, _: ops.add(graph, next(tensors(x)), 0.0, name=context.name), inline=True)


@rule("keras_bert>MaskedGlobalMaxPool1D", masks="drop", origin="keras-bert")
def masked_max(context: Context) -> Composite:
    """keras-bert's MaskedGlobalMaxPool1D: the largest over the steps that are not masked."""
    one_tensor(context)

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        x = one(inputs)
        found = x
        if x.mask is not None:
            hidden = ops.subtract(graph, 1.0, ops.cast(graph, graph.mask_tensor(x.mask), x.dtype))
            far = ops.expand_dims(graph, ops.multiply(graph, hidden, HIDDEN), axis=-1)
            found = ops.subtract(graph, x, far, name=f"{context.name}_seen")
        return ops.max(graph, found, axis=len(x.shape) - 2, name=context.name)

    return Composite(body, inline=True)
