"""What takes the place of a Keras 2 layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field

from k2to3.dataclass import dataclass
from k2to3.keras2.model import Model
from k2to3.keras3.graph import Graph, Structure, Tensor
from k2to3.keras3.layer import Layer
from k2to3.keras3.masks import Mask
from k2to3.keras3.tensor import MaskStructure
from k2to3.matching.slots import Weights

Masks = list[Mask | None]
Body = Callable[[Graph, Structure, Mapping[str, Structure]], Structure]


@dataclass(frozen=True)
class Native:
    """One built-in layer takes the place of the Keras 2 layer.

    `masks`, where given, computes the masks the call gets from its inputs.
    """

    layer: Layer
    kwargs: Mapping[str, Structure] = field(default_factory=dict)
    masks: Callable[[Structure], Mapping[str, MaskStructure]] | None = None
    arrange: Callable[[Structure, Mapping[str, Structure]], tuple[Structure, Mapping[str, Structure]]] | None = None
    """Turns Keras 2's call arguments into Keras 3's."""
    unmasked: bool = False
    """Gets no mask, not even one given as an argument."""


@dataclass(frozen=True)
class Composite:
    """A small graph of built-in layers and ops takes the place of the Keras 2 layer."""

    body: Body
    inline: bool = False
    """Always part of the surrounding graph, never a nested model of the same name."""
    values: bool = False
    """Takes and gives constants and extents as well; a list stands for several outputs."""


Outcome = Native | Composite


@dataclass(frozen=True)
class Instead:
    """A model of Keras 2 takes the place of a layer in one call, between two arrangements of tensors."""

    model: Model
    weights: Weights
    inputs: Callable[[Graph], Tensor]
    output: Callable[[Graph, Structure], Tensor]
    why: str
