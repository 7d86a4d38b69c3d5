"""Symbolic tensors, their masks, and the calls that made them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import EllipsisType
from typing import Any, Protocol, TypeAlias

import numpy as np

from k2to3.errors import UnsupportedOption
from k2to3.keras3.layer import Operation
from k2to3.keras3.types import Shape


class Computed:
    """What is no tensor and yet follows from one: an extent of it, the two parts of a complex one."""


Constant = bool | int | float | str | slice | EllipsisType | np.generic | np.ndarray[Any, np.dtype[Any]] | None
Structure: TypeAlias = "Tensor | Sequence[Structure] | Mapping[str, Structure] | Computed | Constant"
"""A `Tensor`, or nested lists and dicts with `Tensor` leaves and constants."""
MaskStructure: TypeAlias = "Mask | Tensor | Sequence[MaskStructure] | None"
"""What goes into the mask argument of a call."""


class Builder(Protocol):
    """What ops are added to: a graph, or something that adds to one on behalf of a layer."""

    def op(
        self,
        symbol: str,
        *args: Structure,
        config: Mapping[str, Any] | None = None,
        kwargs: Mapping[str, Structure] | None = None,
        name: str | None = None,
    ) -> Tensor: ...

    def op_many(
        self, symbol: str, *args: Structure, config: Mapping[str, Any] | None = None, name: str | None = None
    ) -> list[Tensor]: ...


class MaskBuilder(Builder, Protocol):
    """A graph, in which each mask is built once."""

    def mask_tensor(self, mask: Mask) -> Tensor: ...


@dataclass(frozen=True)
class Mask:
    """A mask, equal to another exactly when both have the same `key`."""

    key: Hashable
    build: Callable[[MaskBuilder], Tensor] = field(compare=False, repr=False)


def unknown_mask(owner: object) -> Mask:
    """A mask that Keras 3 attaches by itself and whose nodes differ between releases."""

    def build(graph: MaskBuilder) -> Tensor:
        raise AssertionError("an automatic mask is never built")

    return Mask(("automatic", id(owner)), build)


@dataclass(eq=False)
class Tensor:
    """A symbolic tensor. `shape` includes the batch; unknown extents are None.

    `mask` is what Keras 2 had here, `auto` what Keras 3 attaches by itself.
    """

    shape: Shape
    dtype: str
    node: Node
    index: int = 0
    mask: Mask | None = None
    auto: Mask | None = None


@dataclass(eq=False)
class Node:
    """One call of an operation."""

    operation: Operation
    args: list[Structure]
    kwargs: dict[str, Structure]
    outputs: list[Tensor] = field(default_factory=list)
    masks: dict[str, MaskStructure] = field(default_factory=dict)
    """Masks as Keras 2 had them, by the argument of the Keras 3 call that takes them."""
    origin: str | None = None
    """The layer of the Keras 2 model that it stands for; `outer/inner` in a nested model that was inlined."""

    def tensors(self) -> Iterator[Tensor]:
        """Inputs in the order Keras 3 flattens them: args, then kwargs."""
        if not self.kwargs and len(self.args) == 1 and isinstance(self.args[0], Tensor):
            return iter((self.args[0],))
        found: list[Tensor] = []
        _collect(self.args, found)
        if self.kwargs:
            _collect(self.kwargs, found)
        return iter(found)


def tensors(structure: Structure) -> Iterator[Tensor]:
    """Tensor leaves in Keras 3's flattening order (dicts by sorted key)."""
    found: list[Tensor] = []
    _collect(structure, found)
    return iter(found)


def _collect(structure: Structure, found: list[Tensor]) -> None:
    # Asked of every node many times: a list is faster than generators in one another.
    if isinstance(structure, Tensor):
        found.append(structure)
    elif isinstance(structure, (list, tuple)):
        for item in structure:
            _collect(item, found)
    elif isinstance(structure, Mapping):
        for key in sorted(structure):
            _collect(structure[key], found)


def one(structure: Structure) -> Tensor:
    """The tensor that a layer of one tensor is called on.

    Raises:
        UnsupportedOption: it is called on something else.
    """
    if not isinstance(structure, Tensor):
        raise UnsupportedOption(f"takes one tensor, and is called on {_kind(structure)}")
    return structure


def several(structure: Structure) -> list[Tensor]:
    """The tensors that a layer of a flat list of tensors is called on.

    Raises:
        UnsupportedOption: it is called on something else.
    """
    if not isinstance(structure, (list, tuple)):
        raise UnsupportedOption(f"takes a list of tensors, and is called on {_kind(structure)}")
    return [one(item) for item in structure]


def _kind(structure: Structure) -> str:
    if isinstance(structure, Tensor):
        return "one tensor"
    if isinstance(structure, Mapping):
        return "a dictionary"
    if isinstance(structure, (list, tuple)):
        return f"a list of {len(structure)}"
    return "nothing" if structure is None else "a constant"


def shape_structure(structure: Structure) -> Any:
    """The same structure with shapes and dtypes in place of tensors."""
    if isinstance(structure, Tensor):
        return (structure.shape, structure.dtype)
    if isinstance(structure, Mapping):
        return {key: shape_structure(value) for key, value in structure.items()}
    if isinstance(structure, (list, tuple)):
        return [shape_structure(item) for item in structure]
    return structure
