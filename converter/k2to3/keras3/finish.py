"""Closing a graph: masks become explicit, dead nodes go, layers get their order."""

from __future__ import annotations

from k2to3.dataclass import dataclass
from k2to3.keras3.graph import Graph, Node, Structure, Submodel, Tensor, tensors
from k2to3.keras3.layer import Layer, Op, Operation
from k2to3.keras3.layers.facts import Takes
from k2to3.keras3.layers.table import takes
from k2to3.keras3.loading import loading_order, premature
from k2to3.keras3.masks import Mask
from k2to3.keras3.order import layer_order
from k2to3.keras3.tensor import MaskStructure


@dataclass(frozen=True)
class Closed:
    """A graph ready to be written: nodes in call order, layers in `model.layers` order."""

    graph: Graph
    nodes: list[Node]
    operations: list[Operation]
    layers: list[Layer]
    premature: frozenset[Node] = frozenset()
    """Calls that the loader meets before their inputs exist."""


def close(model: Submodel) -> Closed:
    """Decide the form of `model`, make masks explicit where needed, and order it.

    A chain of layers whose automatic masks are those of Keras 2 stays Sequential.
    In a Functional model every mask is written out, because the automatic chains
    differ between Keras releases and would change the order of `model.layers`.
    """
    graph = model.graph
    nodes = reachable(graph)
    model.sequential = model.sequential and is_plain_chain(graph, nodes)
    if not model.sequential:
        for node in nodes:
            write_masks(graph, node)
        nodes = reachable(graph)
    operations = loading_order(nodes)
    if model.sequential:
        layers = [op for op in operations if isinstance(op, Layer) and op.class_name != "InputLayer"]
    else:
        layers = [op for op in layer_order(graph.inputs, list(tensors(graph.outputs))) if isinstance(op, Layer)]
    return Closed(graph, nodes, operations, layers, frozenset(premature(nodes, operations)))


def reachable(graph: Graph) -> list[Node]:
    """Nodes that the outputs depend on, and all inputs, producers first."""
    done: dict[Node, None] = {tensor.node: None for tensor in graph.inputs}
    stack: list[tuple[Node, bool]] = [(t.node, False) for t in reversed(list(tensors(graph.outputs)))]
    while stack:
        node, expanded = stack.pop()
        if node in done:
            continue
        if expanded:
            done[node] = None
            continue
        stack.append((node, True))
        stack += [(t.node, False) for t in reversed(list(node.tensors())) if t.node not in done]
    return _stable(graph, done)


def _stable(graph: Graph, done: dict[Node, None]) -> list[Node]:
    """Creation order where it is a valid order: it is the order a reader expects."""
    position = {node: index for index, node in enumerate(graph.nodes)}
    ordered = sorted(done, key=position.__getitem__)
    seen: set[Node] = set()
    for node in ordered:
        if any(t.node not in seen for t in node.tensors()):
            return list(done)
        seen.add(node)
    return ordered


def is_plain_chain(graph: Graph, nodes: list[Node]) -> bool:
    """Whether the graph can be a Sequential that masks as Keras 2 did."""
    if len(graph.inputs) != 1 or len(nodes) < 2:
        return False
    previous = graph.inputs[0]
    for node in nodes[1:]:
        if not _links(node, previous):
            return False
        previous = node.outputs[0]
    outputs = list(tensors(graph.outputs))
    return len({node.operation for node in nodes}) == len(nodes) and outputs == [previous]


def _links(node: Node, previous: Tensor) -> bool:
    return (
        isinstance(node.operation, Layer)
        and node.args == [previous]
        and not node.kwargs
        and len(node.outputs) == 1
        and _masks_match(node, previous)
    )


def _masks_match(node: Node, previous: Tensor) -> bool:
    if not node.masks:
        return not _fills_in(node) or previous.auto is None
    return all(mask == previous.auto for mask in node.masks.values())


def _fills_in(node: Node) -> bool:
    """Whether Keras 3 would use the automatic masks of this node's inputs."""
    return takes(node.operation) is not Takes.NOTHING


def write_masks(graph: Graph, node: Node) -> None:
    """Give the call exactly the masks of Keras 2, and none that Keras 3 adds."""
    if isinstance(node.operation, Op):
        return
    for key, value in node.masks.items():
        written = _mask_structure(graph, value)
        if _any_tensor(written):
            node.kwargs[key] = written
        elif _fills_in(node):
            _strip_inputs(graph, node)
    if not node.masks and _fills_in(node):
        _strip_inputs(graph, node)


def _strip_inputs(graph: Graph, node: Node) -> None:
    """Also those given by name: the value of a MultiHeadAttention brings its mask along."""
    node.args = [_strip(graph, value) for value in node.args]
    node.kwargs = {key: _strip(graph, value) for key, value in node.kwargs.items()}


def _any_tensor(structure: Structure) -> bool:
    return next(tensors(structure), None) is not None


def _mask_structure(graph: Graph, value: MaskStructure) -> Structure:
    if isinstance(value, Mask):
        return graph.mask_tensor(value)
    if value is None or isinstance(value, Tensor):
        return value
    return [_mask_structure(graph, item) for item in value]


def _strip(graph: Graph, structure: Structure) -> Structure:
    if isinstance(structure, Tensor):
        return graph.unmasked(structure) if structure.auto is not None else structure
    if isinstance(structure, dict):
        return {key: _strip(graph, value) for key, value in structure.items()}
    if isinstance(structure, (list, tuple)):
        return [_strip(graph, item) for item in structure]
    return structure
