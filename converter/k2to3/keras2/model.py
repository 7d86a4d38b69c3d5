"""Records of a Keras 2 model in normal form."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from functools import cached_property
from typing import TypeAlias, TypeVar

from k2to3.dataclass import dataclass
from k2to3.sources.json_text import Json

OP_LAYERS = frozenset(
    {"TFOpLambda", "SlicingOpLambda", "ClassMethod", "InstanceMethod", "InstanceProperty", "TensorFlowOpLayer"}
)
"""Layers that stand for one TensorFlow function; only they give and take constants."""

Leaf = TypeVar("Leaf")
Constant = bool | int | float | str | None
Nested: TypeAlias = "Leaf | Sequence[Nested[Leaf]] | Mapping[str, Nested[Leaf]] | Constant"
"""A leaf, or nested lists, tuples and dicts with such leaves and constants of JSON."""
Structure: TypeAlias = "Nested[Ref]"


@dataclass(frozen=True)
class Ref:
    """Output `tensor` of the `call`-th call (counted from 0 in this model) of `layer`."""

    layer: str
    call: int = 0
    tensor: int = 0


@dataclass(frozen=True)
class Call:
    """One use of a layer: an inbound node of Keras 2."""

    args: Structure
    kwargs: Mapping[str, Structure] = field(default_factory=dict)

    def refs(self) -> Iterator[Ref]:
        yield from leaves(self.args)
        yield from leaves(dict(self.kwargs))


@dataclass(frozen=True)
class LayerRecord:
    """A layer as the file describes it; `model` is set for nested models.

    `calls_from` is the number of its first call in the file; everywhere else calls are counted from 0.
    """

    class_name: str
    name: str
    config: Json
    calls: tuple[Call, ...] = ()
    model: Model | None = None
    calls_from: int = 0

    @property
    def trainable(self) -> bool:
        return bool(self.config.get("trainable", True))


@dataclass(frozen=True)
class Model:
    """A Sequential or Functional model; `inputs` and `outputs` are structures of `Ref`."""

    name: str
    layers: tuple[LayerRecord, ...]
    inputs: Structure
    outputs: Structure
    sequential: bool
    trainable: bool = True

    @cached_property
    def _by_name(self) -> dict[str, LayerRecord]:
        return {layer.name: layer for layer in self.layers}

    @property
    def size(self) -> int:
        """How many layers it has, those of nested models included."""
        return sum(1 + (layer.model.size if layer.model else 0) for layer in self.layers)

    def layer(self, name: str) -> LayerRecord:
        return self._by_name[name]


def leaves(structure: Structure) -> Iterator[Ref]:
    """All `Ref` leaves, depth first, dicts in key order of the file."""
    if isinstance(structure, Ref):
        yield structure
    elif isinstance(structure, Mapping):
        for value in structure.values():
            yield from leaves(value)
    elif isinstance(structure, (list, tuple)):
        for value in structure:
            yield from leaves(value)


def map_leaves(function: Callable[[Ref], Leaf], structure: Structure) -> Nested[Leaf]:
    """The same structure with every `Ref` replaced."""
    if isinstance(structure, Ref):
        return function(structure)
    if isinstance(structure, Mapping):
        return {key: map_leaves(function, value) for key, value in structure.items()}
    if structure is None or isinstance(structure, (int, float, str)):
        return structure
    return [map_leaves(function, value) for value in structure]
