"""Symbolic tensors, their masks, and the calls that made them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from k2to3.keras3.layer import Operation
from k2to3.keras3.types import Shape

Structure = Any
"""A `Tensor`, or nested lists and dicts with `Tensor` leaves and constants."""


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
    masks: dict[str, Structure] = field(default_factory=dict)
    """Masks as Keras 2 had them, by the argument of the Keras 3 call that takes them."""

    def tensors(self) -> Iterator[Tensor]:
        """Inputs in the order Keras 3 flattens them: args, then kwargs."""
        yield from tensors(self.args)
        yield from tensors(self.kwargs)


def tensors(structure: Structure) -> Iterator[Tensor]:
    """Tensor leaves in Keras 3's flattening order (dicts by sorted key)."""
    if isinstance(structure, Tensor):
        yield structure
    elif isinstance(structure, Mapping):
        for key in sorted(structure):
            yield from tensors(structure[key])
    elif isinstance(structure, (list, tuple)):
        for item in structure:
            yield from tensors(item)


def shape_structure(structure: Structure) -> Any:
    """The same structure with shapes and dtypes in place of tensors."""
    if isinstance(structure, Tensor):
        return (structure.shape, structure.dtype)
    if isinstance(structure, Mapping):
        return {key: shape_structure(value) for key, value in structure.items()}
    if isinstance(structure, (list, tuple)):
        return [shape_structure(item) for item in structure]
    return structure
