"""The one table of Keras 3's layers, and what is asked of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from k2to3.errors import UnsupportedLayer
from k2to3.keras3.layer import Layer, Operation
from k2to3.keras3.layers import (
    activations,
    attention,
    convolutional,
    core,
    merging,
    normalization,
    pooling,
    preprocessing,
    regularization,
    reshaping,
    rnn,
    wrappers,
)
from k2to3.keras3.layers.facts import LayerFacts, Rows, Takes, Use, same
from k2to3.keras3.tensor import Mask, Tensor, unknown_mask
from k2to3.keras3.types import Shape, Spec, specs

LAYERS: Rows = {
    **activations.ROWS,
    **attention.ROWS,
    **convolutional.ROWS,
    **core.ROWS,
    **merging.ROWS,
    **normalization.ROWS,
    **pooling.ROWS,
    **preprocessing.ROWS,
    **regularization.ROWS,
    **reshaping.ROWS,
    **rnn.ROWS,
    **wrappers.ROWS,
}


def facts_of(class_name: str, layer: str | None = None) -> LayerFacts:
    """The row of a class.

    Raises:
        UnsupportedLayer: nothing is known of it; `layer` is the name that the error gives.
    """
    found = LAYERS.get(class_name)
    if found is None:
        raise UnsupportedLayer(
            f"nothing is known of Keras 3's {class_name!r}: its shapes, dtypes and masks would be guesses",
            layer=layer,
            hint="build it from layers that are in the table of keras3/layers, or use --custom-objects",
        )
    return found


def layer_output(layer: Layer, inputs: Any, kwargs: Mapping[str, Any]) -> list[Spec]:
    """Specs of all outputs of one call; `inputs` holds (shape, dtype) leaves."""
    own = layer.own_outputs(inputs, kwargs)
    if own is not None:
        return own
    given = list(specs(inputs))
    row = facts_of(layer.class_name, layer.name)
    dtype = row.dtype(layer, given[0][1] if given else None)
    return [(tuple(shape), dtype) for shape in row.outputs(Use(layer, given, kwargs, _ask))]


def built_for(layer: Layer, inputs: Any, kwargs: Mapping[str, Any]) -> Shape:
    """The extents that the weights of a layer of Keras's own, or of what it wraps, are made for by this call."""
    given = list(specs(inputs))
    if layer.custom is not None or not given or not _weighted(layer):
        return ()
    inner = layer.children.get("layer") or layer.children.get("forward_layer")
    if isinstance(inner, Layer):
        (shape, dtype), by_steps = given[0], layer.class_name == "TimeDistributed"
        return built_for(inner, ((shape[0], *shape[2:]) if by_steps else shape, dtype), {})
    return facts_of(layer.class_name, layer.name).built(Use(layer, given, kwargs, _ask))


def keeps_shape(layer: Layer) -> bool:
    """Whether its output surely has the shape of its input."""
    if layer.custom is not None or layer.own_outputs([], {}) is not None:
        return False
    return facts_of(layer.class_name, layer.name).outputs is same


def _weighted(layer: Layer) -> bool:
    return bool(layer.variables) or any(_weighted(inner) for _, inner in layer.sublayers())


def _ask(layer: Layer, shape: Shape) -> list[Shape]:
    return [found for found, _ in layer_output(layer, (shape, "float32"), {})]


def takes(operation: Operation) -> Takes:
    """What a call of it does with masks that it is not given."""
    if not isinstance(operation, Layer):
        return Takes.NOTHING
    if operation.custom is not None:
        return Takes.FIRST if operation.custom.takes_mask else Takes.NOTHING
    return facts_of(operation.class_name, operation.name).takes


def takes_explicit_mask(layer: Layer) -> bool:
    """Whether a call of a layer of Keras's own can be given a mask."""
    return layer.custom is None and takes(layer) in (Takes.FIRST, Takes.EACH, Takes.NAMED)


def takes_trainable(layer: Layer) -> bool:
    """Whether the constructor takes `trainable`; a class of the user's does."""
    return layer.custom is not None or facts_of(layer.class_name, layer.name).takes_trainable


def takes_policy(layer: Layer) -> bool:
    """Whether the constructor takes `dtype`; a class of the user's does."""
    return layer.custom is not None or facts_of(layer.class_name, layer.name).takes_dtype


def makes_categories(operation: Operation) -> bool:
    """Whether it is a layer of Keras's own that turns values into categories."""
    if not isinstance(operation, Layer) or operation.custom is not None:
        return False
    return facts_of(operation.class_name, operation.name).categories


def output_masks(layer: Layer, masks: list[Mask | None], first: Tensor | None, count: int) -> list[Mask | None]:
    """The masks that Keras 3 attaches to the outputs of `layer`, from those of its inputs."""
    if layer.custom is not None:
        found = masks[0] if masks and layer.custom.passes_mask else None
        return [found, *[None] * (count - 1)]
    row = facts_of(layer.class_name, layer.name)
    found = row.mask(layer, masks, first)
    return [found, *[found if row.masks_all_outputs else None] * (count - 1)]


def attached(autos: Sequence[Mask | None], explicit: object, node: object) -> list[Mask | None]:
    """The masks that Keras 3 takes the inputs of a call to have.

    An argument `mask` counts as one since 3.11; before, only what hangs on the tensor does
    (`Layer.__call__`, `previous_mask`). Where the two differ the mask is unknown.
    """
    given = list(explicit) if isinstance(explicit, (list, tuple)) else [explicit]
    given += [None] * (len(autos) - len(given))
    return [
        unknown_mask(node) if mask is not None and mask != auto else auto
        for auto, mask in zip(autos, given, strict=False)
    ]
