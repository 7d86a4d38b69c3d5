"""What is known of a Keras 3 layer class: the fields of a row.

Read from the source of Keras 3.3.3, 3.4.1, ... 3.13.0, 3.15.1; what constructors take since
when also stands in `tests/keras3/keras3_keys.tsv`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from enum import Enum
from typing import Any

from k2to3.dataclass import dataclass
from k2to3.errors import BadConfig
from k2to3.keras3.layer import Layer
from k2to3.keras3.policy import FLOATS, compute_dtype
from k2to3.keras3.tensor import Mask, Tensor, unknown_mask
from k2to3.keras3.types import Shape, Spec

OLDEST_MINOR = 3
"""Keras 3.0 to 3.2 fail on nested models at an output and on states of Bidirectional."""
NEWEST_MINOR = 15


@dataclass(frozen=True)
class Use:
    """One call of a layer: what goes in, and how to ask what a layer inside gives."""

    layer: Layer
    specs: list[Spec]
    kwargs: Mapping[str, Any]
    ask: Callable[[Layer, Shape], list[Shape]]

    @property
    def config(self) -> dict[str, Any]:
        return self.layer.config

    @property
    def shape(self) -> Shape:
        """Of the first input."""
        return self.specs[0][0]

    @property
    def shapes(self) -> list[Shape]:
        return [shape for shape, _ in self.specs]


Outputs = Callable[[Use], list[Shape]]
"""The shapes of all outputs of a call."""
Dtype = Callable[[Layer, str | None], str]
"""The dtype of the outputs, from that of the first input."""
OutputMask = Callable[[Layer, "list[Mask | None]", "Tensor | None"], "Mask | None"]
"""The mask that Keras 3 attaches to the first output, from those of the inputs and the first input."""


class Takes(Enum):
    """What a call does with the masks of its inputs that it is not given."""

    NOTHING = "nothing"
    FIRST = "fills its argument `mask` from the first input"
    EACH = "fills its argument `mask` with one for each input"
    NAMED = "fills arguments of other names"
    APPLIES = "puts masked elements of one input in place of those of the other (`_apply_merge_op_and_or_mask`)"
    """In Keras 2 a mask never changed what merge layers compute."""
    INSIDE = "hands them to the layers inside"


def unbuilt(use: Use) -> Shape:
    """Of what has no weights, or takes any input."""
    return ()


@dataclass(frozen=True, kw_only=True)
class LayerFacts:
    """The row of a class. What it computes has no default; what only few classes have, does."""

    outputs: Outputs
    dtype: Dtype
    mask: OutputMask
    takes: Takes = Takes.NOTHING
    built: Callable[[Use], Shape] = unbuilt
    """The extents of its input that its weights, where it has any, are made for."""
    masks_all_outputs: bool = False
    """The mask is attached to every output, not only to the first."""
    recurrent: bool = False
    since: int = OLDEST_MINOR
    """The minor release of Keras 3 that the class came with; all that is older than k2to3 declares counts as that."""
    keys_since: Mapping[str, int] = field(default_factory=dict)
    """Constructor keys that came later than that."""
    masked_since: int = OLDEST_MINOR
    """Before, `compute_mask` turned a symbolic mask into a tensor and failed."""
    asks_for_shapes: bool = False
    """It asks the layer inside for its output shape, which a model can tell since 3.4."""
    categories: bool = False
    """It turns values into categories; Keras knows their number where only the vocabulary tells it."""
    without_integers: tuple[str, ...] = ()
    """Backends that cannot run it on whole numbers or flags, measured with 3.15.1 (`tests/conformance/integers.py`)."""
    tensorflow_only: bool = False
    """It needs TensorFlow's string and lookup operations, whatever the backend."""
    takes_trainable: bool = True
    """The constructor takes `trainable` in every release."""
    takes_dtype: bool = True
    untrained: int = 0
    """How many of its own variables, from the end, no optimizer ever sees."""
    hands_trainable_down: bool = False
    """`trainable=False` reaches its sublayers when they are made; elsewhere Keras 3 goes on training what is inside."""


Rows = Mapping[str, LayerFacts]


def same(use: Use) -> list[Shape]:
    """The shape of the first input."""
    return [use.shape]


def uncalled(use: Use) -> list[Shape]:
    """Of a cell, which only stands inside another layer."""
    raise BadConfig(f"{use.layer.class_name} is not called by itself", layer=use.layer.name)


def computed(layer: Layer, first: str | None) -> str:
    """The compute dtype of the layer's policy."""
    return compute_dtype(layer.dtype)


def kept(layer: Layer, first: str | None) -> str:
    """As `computed`, but what is no float stays what it is."""
    return first if first is not None and first not in FLOATS else compute_dtype(layer.dtype)


def drops(layer: Layer, masks: list[Mask | None], first: Tensor | None) -> Mask | None:
    """No mask, whatever the inputs have."""
    return None


def passes(layer: Layer, masks: list[Mask | None], first: Tensor | None) -> Mask | None:
    """The mask of the first input."""
    return masks[0] if masks else None


def joins(layer: Layer, masks: list[Mask | None], first: Tensor | None) -> Mask | None:
    """One that is made of those of the inputs, by nodes that differ between releases."""
    return unknown_mask(layer) if any(mask is not None for mask in masks) else None


def passes_sequences(layer: Layer, masks: list[Mask | None], first: Tensor | None) -> Mask | None:
    """The mask of the first input, if the layer returns sequences."""
    inner = layer.children.get("forward_layer")
    if isinstance(inner, Layer):
        return passes_sequences(inner, masks, first)
    return passes(layer, masks, first) if layer.config.get("return_sequences") else None
