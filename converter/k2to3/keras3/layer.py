"""Operations of a Keras 3 graph: layers with variables, and op nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import Any

from k2to3.dataclass import dataclass
from k2to3.keras3.types import Spec
from k2to3.weights import Expression

Children = dict[str, "Layer | list[Layer]"]


@dataclass(frozen=True)
class Custom:
    """What only the class itself knows of a layer that is not Keras's own.

    `outputs` gives the specs of a call's outputs from those of its inputs.
    """

    module: str
    registered_name: str | None
    outputs: Callable[[Any, Mapping[str, Any]], list[Spec]]
    takes_mask: bool = False
    passes_mask: bool = False
    states: tuple[int, ...] = ()
    output: int = 0
    """Widths of a cell's states and of its output."""


@dataclass(eq=False)
class Operation:
    """Anything that can be called in a Keras 3 graph."""

    name: str
    class_name: str
    config: dict[str, Any] = field(default_factory=dict)


@dataclass(eq=False)
class Layer(Operation):
    """A built-in Keras 3 layer, or one of the user's (`custom`).

    `variables` are in Keras 3's creation order (trainable first, whatever the flags).
    `children` are sublayers held as attributes: `cell`, `layer`, `forward_layer`, ...
    A child also stands as a value in `config`, where the serialiser writes it out.
    """

    variables: list[Expression] = field(default_factory=list)
    children: Children = field(default_factory=dict)
    trainable: bool = True
    dtype: str | None = None
    custom: Custom | None = None

    def sublayers(self) -> Iterator[tuple[str, Layer]]:
        for attribute, child in self.children.items():
            for item in child if isinstance(child, list) else [child]:
                yield attribute, item

    def sublayers_by_place(self) -> Iterator[tuple[str, Layer]]:
        """(`cell`, or `cells/0` of a list) of each sublayer."""
        for attribute, child in self.children.items():
            if isinstance(child, list):
                yield from ((f"{attribute}/{index}", item) for index, item in enumerate(child))
            else:
                yield attribute, child

    def own_outputs(self, inputs: Any, kwargs: Mapping[str, Any]) -> list[Spec] | None:
        """What only this one layer knows of its outputs; None where its class says it."""
        return None if self.custom is None else self.custom.outputs(inputs, kwargs)


@dataclass(eq=False)
class Op(Operation):
    """A `keras.ops` node; `module` is `numpy`, `nn`, `core`, `math`, `image` or `linalg`."""

    module: str = "numpy"
