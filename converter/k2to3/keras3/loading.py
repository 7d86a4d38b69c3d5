"""The order in which layers stand in `config.json`, so that every Keras 3 can rebuild the graph.

The loader walks the layers in file order and makes the calls of each. Where an input does
not exist yet it is meant to come back later, but before 3.7 it gave up instead
(`ValueError: Layer node index out of bounds`), unless the call is written in the legacy
form. Source: `deserialize_node` in keras/src/models/functional.py.
"""

from __future__ import annotations

from collections import defaultdict

from k2to3.keras3.graph import Node, Tensor, tensors
from k2to3.keras3.layer import Operation


def loading_order(nodes: list[Node]) -> list[Operation]:
    """Operations with every producer of every call first, where that is possible."""
    calls = _calls(nodes)
    needs = {operation: _producers(made) - {operation} for operation, made in calls.items()}
    placed: dict[Operation, None] = {}
    while len(placed) < len(calls):
        waiting = [operation for operation in calls if operation not in placed]
        before = len(placed)
        for operation in waiting:
            if needs[operation] <= placed.keys():
                placed[operation] = None
        if len(placed) == before:
            # Layers called on what comes of their own output: no order suits them all.
            first = next((op for op in waiting if _producers(calls[op][:1]) <= placed.keys()), waiting[0])
            placed[first] = None
    return list(placed)


def premature(nodes: list[Node], operations: list[Operation]) -> set[Node]:
    """The calls that the loader tries before their inputs exist."""
    calls = _calls(nodes)
    made: set[Node] = set()
    early: set[Node] = set()
    while len(made) < len(nodes):
        before = len(made)
        for operation in operations:
            for node in calls[operation]:
                if node in made:
                    continue
                if any(tensor.node not in made for tensor in node.tensors()):
                    early.add(node)
                    break
                made.add(node)
        assert len(made) > before, "the calls of a layer depend on each other in a circle"
    return early


def has_legacy_form(node: Node) -> bool:
    """Whether a call is one tensor or a flat list of several, and plain settings."""
    if len(node.args) != 1 or any(True for _ in tensors(node.kwargs)):
        return False
    given = node.args[0]
    return isinstance(given, Tensor) or (
        isinstance(given, list) and len(given) > 1 and all(isinstance(item, Tensor) for item in given)
    )


def _calls(nodes: list[Node]) -> dict[Operation, list[Node]]:
    found: dict[Operation, list[Node]] = defaultdict(list)
    for node in nodes:
        found[node.operation].append(node)
    return found


def _producers(nodes: list[Node]) -> set[Operation]:
    return {tensor.node.operation for node in nodes for tensor in node.tensors()}
