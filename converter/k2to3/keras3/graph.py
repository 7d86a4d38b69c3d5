"""A Keras 3 Functional graph under construction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from k2to3.errors import BadConfig
from k2to3.keras3 import automatic
from k2to3.keras3.layer import Layer, Op, Operation
from k2to3.keras3.masks import Mask
from k2to3.keras3.naming import Names
from k2to3.keras3.shapes import layer_output
from k2to3.keras3.types import Shape

Structure = Any
"""A `Tensor`, or nested lists and dicts with `Tensor` leaves and constants."""


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


class Graph:
    """Builds one model. Calls return tensors with inferred shapes and both masks."""

    def __init__(self, names: Names | None = None) -> None:
        self.names = names or Names()
        self.inputs: list[Tensor] = []
        self.nodes: list[Node] = []
        self.outputs: Structure = None
        self.input_structure: Structure = None
        self._masks: dict[Mask, Tensor] = {}
        self._layers: dict[str, Layer] = {}

    def input(self, name: str, shape: Shape, dtype: str, **config: Any) -> Tensor:
        """Add an InputLayer; `name` must be reserved."""
        values = {"batch_shape": list(shape), "dtype": dtype, **config}
        layer = Layer(name, "InputLayer", values)
        node = Node(layer, [], {})
        self.nodes.append(node)
        tensor = Tensor(tuple(shape), dtype, node)
        node.outputs.append(tensor)
        self.inputs.append(tensor)
        return tensor

    def call(
        self,
        layer: Layer,
        inputs: Structure,
        kwargs: Mapping[str, Structure] | None = None,
        args: Sequence[Structure] = (),
        masks: Mapping[str, Structure] | None = None,
    ) -> Structure:
        """Call a layer on `inputs`; returns one tensor or a list.

        `masks` overrides which masks the call gets; by default those that Keras 2 had
        on the inputs.
        """
        self._tell_apart(layer)
        node = Node(layer, [inputs, *args], dict(kwargs or {}))
        node.masks = dict(default_masks(layer, node) if masks is None else masks)
        self.nodes.append(node)
        shapes = layer_output(layer, shape_structure(inputs), node.kwargs)
        for index, (shape, dtype) in enumerate(shapes):
            node.outputs.append(Tensor(shape, dtype, node, index))
        given = list(tensors(inputs))
        autos = automatic.attached([tensor.auto for tensor in given], node.masks.get("mask"), node)
        node.outputs[0].auto = automatic.output_mask(
            layer, autos[0] if autos else None, autos, given[0] if given else None
        )
        if layer.class_name == "Bidirectional" and len(node.outputs) > 1:
            for output in node.outputs[1:]:
                output.auto = node.outputs[0].auto
        return node.outputs[0] if len(node.outputs) == 1 else list(node.outputs)

    def _tell_apart(self, layer: Layer) -> None:
        """A layer without weights may be made anew for each call of what it belongs to."""
        if self._layers.setdefault(layer.name, layer) is not layer:
            self.names.reserve(layer.name)
            layer.name = self.names.reserve(layer.name)
            self._layers[layer.name] = layer

    def op(
        self,
        symbol: str,
        *args: Structure,
        config: Mapping[str, Any] | None = None,
        kwargs: Mapping[str, Structure] | None = None,
        shape: Shape | None = None,
        dtype: str | None = None,
        name: str | None = None,
    ) -> Tensor:
        """Add an op node with one output, e.g. `op("numpy.Multiply", x, 2.0)`.

        `shape` and `dtype` default to the broadcast of the tensor arguments.
        """
        node = self._op_node(symbol, args, config, kwargs, name)
        given = list(node.tensors())
        found = shape if shape is not None else broadcast([t.shape for t in given])
        node.outputs.append(Tensor(found, dtype or given[0].dtype, node))
        return node.outputs[0]

    def op_many(
        self,
        symbol: str,
        *args: Structure,
        shapes: Sequence[Shape],
        config: Mapping[str, Any] | None = None,
        dtype: str | None = None,
        name: str | None = None,
    ) -> list[Tensor]:
        """Add an op node with several outputs (split, unstack, moments, ...)."""
        node = self._op_node(symbol, args, config, None, name)
        kind = dtype or next(node.tensors()).dtype
        node.outputs += [Tensor(shape, kind, node, i) for i, shape in enumerate(shapes)]
        return node.outputs

    def _op_node(
        self,
        symbol: str,
        args: Sequence[Structure],
        config: Mapping[str, Any] | None,
        kwargs: Mapping[str, Structure] | None,
        name: str | None,
    ) -> Node:
        module, class_name = symbol.split(".")
        label = self.names.reserve(name or f"{class_name.lower()}_op")
        operation = Op(label, class_name, dict(config or {}), module)
        node = Node(operation, list(args), dict(kwargs or {}))
        self.nodes.append(node)
        return node

    def mask_tensor(self, mask: Mask) -> Tensor:
        """The op nodes that compute `mask`, made once."""
        if mask not in self._masks:
            self._masks[mask] = mask.build(self)
        return self._masks[mask]

    def unmasked(self, tensor: Tensor) -> Tensor:
        """The same values without Keras 3's automatic mask: ops drop masks."""
        one = 1.0 if tensor.dtype.startswith(("float", "bfloat")) else 1
        found = self.op("numpy.Multiply", tensor, one)
        found.mask = tensor.mask
        return found


def default_masks(layer: Layer, node: Node) -> dict[str, Structure]:
    """The masks that a layer taking masks gets when Keras 2 filled them in."""
    inputs = node.args[0]
    if automatic.takes_mask(layer):
        given = next(tensors(inputs), None)
        return {"mask": given.mask if given else None}
    if automatic.takes_masks(layer):
        return {"mask": [tensor.mask for tensor in tensors(inputs)]}
    return {}


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


def broadcast(shapes: Sequence[Shape]) -> Shape:
    """NumPy broadcasting with unknown extents."""
    rank = max((len(shape) for shape in shapes), default=0)
    padded = [(1,) * (rank - len(shape)) + tuple(shape) for shape in shapes]
    return tuple(_extent(list(column)) for column in zip(*padded, strict=True))


def _extent(column: list[int | None]) -> int | None:
    known = {n for n in column if n is not None and n != 1}
    if len(known) > 1:
        raise BadConfig(f"shapes do not broadcast: extents {sorted(known)}")
    if known:
        return known.pop()
    return None if None in column else 1
