"""The graph of Keras 2 and the graph of Keras 3, as plain records of the same form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from k2to3.engine.plan import Plan
from k2to3.keras2.model import LayerRecord, Model
from k2to3.keras3.graph import Graph, Submodel
from k2to3.keras3.layer import Layer, Operation
from k2to3.keras3.tensor import Node

Json = dict[str, Any]


def graphs_of(plan: Plan) -> Json:
    """Both graphs: a node for each layer or op, with the nodes that it is called on."""
    paths: dict[Layer, str] = {}
    for group in plan.groups:
        if group.variables:
            paths.setdefault(group.layer, group.path)
    return {"old": old_graph(plan.source), "new": _new_graph(plan.model.graph, paths)}


def old_graph(model: Model) -> list[Json]:
    """The layers of a Keras 2 model in the order of the file."""
    position = {layer.name: index for index, layer in enumerate(model.layers)}
    return [_old_node(layer, position) for layer in model.layers]


def _old_node(layer: LayerRecord, position: Mapping[str, int]) -> Json:
    inputs = (position[ref.layer] for call in layer.calls for ref in call.refs() if ref.layer in position)
    found = {"name": layer.name, "class": layer.class_name, "inputs": list(dict.fromkeys(inputs))}
    return found if layer.model is None else {**found, "nodes": old_graph(layer.model)}


def _new_graph(graph: Graph, paths: Mapping[Layer, str]) -> list[Json]:
    """The operations of a Keras 3 graph; a layer that is called twice is one node."""
    calls: dict[Operation, list[Node]] = {}
    for node in graph.nodes:
        calls.setdefault(node.operation, []).append(node)
    position = {operation: index for index, operation in enumerate(calls)}
    return [_new_node(operation, nodes, position, paths) for operation, nodes in calls.items()]


def _new_node(
    operation: Operation, nodes: list[Node], position: Mapping[Operation, int], paths: Mapping[Layer, str]
) -> Json:
    given = (tensor.node.operation for node in nodes for tensor in node.tensors())
    inputs = list(dict.fromkeys(position[item] for item in given if item in position))
    found: Json = {"name": operation.name, "class": operation.class_name, "inputs": inputs}
    shapes = [list(tensor.shape) for tensor in nodes[0].outputs]
    found |= {"from": nodes[0].origin, "shape": shapes[0] if len(shapes) == 1 else None}
    if isinstance(operation, Submodel):
        return {**found, "nodes": _new_graph(operation.graph, paths)}
    if isinstance(operation, Layer) and (own := [paths[layer] for layer in _all(operation) if layer in paths]):
        found["vars"] = own
    return found


def _all(layer: Layer) -> Iterator[Layer]:
    """A layer with those that it holds."""
    yield layer
    for _, child in layer.sublayers():
        yield from _all(child)
