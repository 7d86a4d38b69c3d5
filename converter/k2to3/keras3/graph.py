"""A Keras 3 Functional graph under construction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from k2to3.dataclass import dataclass
from k2to3.errors import UnsupportedOption
from k2to3.keras3.layer import Layer, Op
from k2to3.keras3.layers.facts import Takes
from k2to3.keras3.layers.table import attached, built_for, keeps_shape, layer_output, output_masks, takes
from k2to3.keras3.naming import Names
from k2to3.keras3.ops.elementwise import multiply
from k2to3.keras3.ops.table import output_of, outputs_of
from k2to3.keras3.origins import Origin
from k2to3.keras3.tensor import Mask, MaskStructure, Node, Structure, Tensor, one, several, shape_structure, tensors
from k2to3.keras3.types import Shape, Spec, fit, specs

__all__ = ["Graph", "Node", "Structure", "Submodel", "Tensor", "one", "several", "shape_structure", "tensors"]


class Graph:
    """Builds one model. Calls return tensors with inferred shapes and both masks."""

    def __init__(self, names: Names | None = None) -> None:
        self.names = names or Names()
        self.inputs: list[Tensor] = []
        self.nodes: list[Node] = []
        self.origins: list[Origin] = []
        self.outputs: Structure = None
        self.input_structure: Structure = None
        self._masks: dict[Mask, Tensor] = {}
        self._layers: dict[str, Layer] = {}
        self._built: dict[Layer, Shape] = {}

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
        masks: Mapping[str, MaskStructure] | None = None,
    ) -> Tensor:
        """Call a layer that gives one tensor; see `call_many`.

        Raises:
            UnsupportedOption: it gives several.
        """
        found = self.call_many(layer, inputs, kwargs, args, masks)
        if len(found) != 1:
            raise UnsupportedOption(f"{layer.class_name} gives {len(found)} tensors, where one is used")
        return found[0]

    def call_many(
        self,
        layer: Layer,
        inputs: Structure,
        kwargs: Mapping[str, Structure] | None = None,
        args: Sequence[Structure] = (),
        masks: Mapping[str, MaskStructure] | None = None,
    ) -> list[Tensor]:
        """Call a layer on `inputs`; returns all that it gives.

        `masks` overrides which masks the call gets; by default those that Keras 2 had
        on the inputs.
        """
        self._tell_apart(layer)
        self._check_built(layer, inputs, kwargs or {})
        node = Node(layer, [inputs, *args], dict(kwargs or {}))
        node.masks = dict(default_masks(layer, node) if masks is None else masks)
        self.nodes.append(node)
        for index, (shape, dtype) in enumerate(layer_output(layer, shape_structure(inputs), node.kwargs)):
            node.outputs.append(Tensor(shape, dtype, node, index))
        self._attach(layer, node, list(tensors(inputs)))
        return list(node.outputs)

    def _attach(self, layer: Layer, node: Node, given: list[Tensor]) -> None:
        """The masks that Keras 3 hangs on the outputs by itself."""
        autos = attached([tensor.auto for tensor in given], node.masks.get("mask"), node)
        found = output_masks(layer, autos, given[0] if given else None, len(node.outputs))
        for output, mask in zip(node.outputs, found, strict=True):
            output.auto = mask

    def _check_built(self, layer: Layer, inputs: Structure, kwargs: Mapping[str, Structure]) -> None:
        """Its weights are made for the extents of the first call.

        Raises:
            UnsupportedOption: they are not known, or those of a later call are others.
        """
        found = built_for(layer, shape_structure(inputs), kwargs)
        known = self._built.setdefault(layer, found)
        if None in found and _declared(next(tensors(inputs))):
            text = f"an input of shape {next(tensors(inputs)).shape}, which does not say what its weights are made for"
            raise UnsupportedOption(text, layer=layer.name)
        if not all(fit(n, wanted) for n, wanted in zip(found, known, strict=True)):
            text = f"is called on {list(found)} features, and on {list(known)} before; its weights fit one of them"
            raise UnsupportedOption(text, layer=layer.name)

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
        name: str | None = None,
    ) -> Tensor:
        """Add an op node with one output, e.g. `op("numpy.Multiply", x, 2.0)`; `ops` has functions for most."""
        shape, dtype = output_of(symbol, args, {**(config or {}), **(kwargs or {})})
        node = self._op_node(symbol, args, config, kwargs, name)
        node.outputs.append(Tensor(shape, dtype, node))
        return node.outputs[0]

    def op_many(
        self, symbol: str, *args: Structure, config: Mapping[str, Any] | None = None, name: str | None = None
    ) -> list[Tensor]:
        """Add an op node with several outputs."""
        found = outputs_of(symbol, args, config or {})
        node = self._op_node(symbol, args, config, None, name)
        node.outputs += [Tensor(shape, dtype, node, index) for index, (shape, dtype) in enumerate(found)]
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
        found = multiply(self, tensor, one)
        found.mask = tensor.mask
        return found


def _declared(tensor: Tensor) -> bool:
    """Whether its shape is that of an InputLayer, so that Keras 3 knows no more of it than stands there."""
    node = tensor.node
    while isinstance(node.operation, Layer) and keeps_shape(node.operation):
        before = next(node.tensors(), None)
        if before is None:
            return True
        node = before.node
    return False


def default_masks(layer: Layer, node: Node) -> dict[str, MaskStructure]:
    """The masks that a layer taking masks gets when Keras 2 filled them in."""
    inputs = node.args[0]
    kind = takes(layer)
    if kind is Takes.FIRST:
        given = next(tensors(inputs), None)
        return {"mask": given.mask if given else None}
    if kind is Takes.EACH:
        return {"mask": [tensor.mask for tensor in tensors(inputs)]}
    return {}


@dataclass(eq=False)
class Submodel(Layer):
    """A nested (or the top) Sequential or Functional model."""

    graph: Graph = field(kw_only=True)
    sequential: bool = False

    def own_outputs(self, inputs: Structure, kwargs: Mapping[str, Structure]) -> list[Spec]:
        """Those of its graph, in the batch that it is given."""
        given = next(specs(inputs), None)
        batch = given[0][0] if given and given[0] else None
        return [
            ((batch, *tensor.shape[1:]) if tensor.shape else tensor.shape, tensor.dtype)
            for tensor in tensors(self.graph.outputs)
        ]
