"""The order of `model.layers` in a Keras 3 Functional model.

Weight groups in an archive are named by class and this order, never by layer name, so
it must be known exactly. Source: `map_graph` in keras/src/ops/function.py, the same
from 3.0 to 3.15.
"""

from __future__ import annotations

from k2to3.keras3.graph import Node, Tensor
from k2to3.keras3.layer import Operation


def layer_order(inputs: list[Tensor], outputs: list[Tensor]) -> list[Operation]:
    """Operations by depth, deepest first; ties by first visit from the outputs."""
    finished, index = _post_order(outputs)
    depths = _depths(finished)
    for tensor in inputs:
        operation = tensor.node.operation
        depths.setdefault(operation, 0)
        index.setdefault(operation, -1)
    return sorted(depths, key=lambda operation: (-depths[operation], index[operation]))


def _post_order(outputs: list[Tensor]) -> tuple[list[Node], dict[Operation, int]]:
    finished: dict[Node, None] = {}
    index: dict[Operation, int] = {}
    for output in outputs:
        stack: list[tuple[Node, bool]] = [(output.node, False)]
        while stack:
            node, expanded = stack.pop()
            if node in finished:
                continue
            if expanded:
                finished[node] = None
                continue
            index.setdefault(node.operation, len(index))
            stack.append((node, True))
            stack += [(t.node, False) for t in reversed(list(node.tensors()))]
    return list(finished), index


def _depths(finished: list[Node]) -> dict[Operation, int]:
    nodes: dict[Node, int] = {}
    operations: dict[Operation, int] = {}
    for node in reversed(finished):
        depth = max(nodes.get(node, 0), operations.get(node.operation, 0))
        nodes[node] = operations[node.operation] = depth
        for tensor in node.tensors():
            nodes[tensor.node] = max(depth + 1, nodes.get(tensor.node, 0))
    return operations
