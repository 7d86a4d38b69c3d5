"""Graphs too deep for Keras 3 become chains of nested models.

Keras 3 walks a graph by recursion when it builds it, one Python frame per call from an
output back to the input (`_build_map_helper` in keras/src/ops/function.py, 3.0 to 3.15), so
a path near Python's 1,000 frames cannot be opened: ResNetRS270, 350 and 420 for instance.
"""

from __future__ import annotations

from collections.abc import Iterator

from k2to3.findings import Finding
from k2to3.keras3.finish import reachable
from k2to3.keras3.graph import Graph, Node, Structure, Submodel, Tensor, tensors
from k2to3.keras3.layer import Operation

# Python allows 1,000 frames; notebooks and test runners stand on up to a hundred of them.
DEEPEST = 800
STAGE = 300


def split_deep(model: Submodel, findings: list[Finding]) -> None:
    """Nest stretches of every graph in `model` that is deeper than Keras 3 can open.

    Stretches lie between tensors that everything behind them depends on. Layers keep their
    names, but stand in a nested model.
    """
    for node in model.graph.nodes:
        if isinstance(node.operation, Submodel):
            split_deep(node.operation, findings)
    nodes = reachable(model.graph)
    found = max(depths(nodes).values())
    if found <= DEEPEST:
        return
    stages = list(_stages(model.graph, nodes))
    users = _users(model.graph)
    nested = [_nest(model.graph, nodes[first : last + 1], users) for first, last in reversed(stages)]
    _replace(model.graph, nested)
    left = max(depths(reachable(model.graph)).values())
    text = f"{found} layers deep, which Keras 3 cannot open: {len(stages)} stretches of it became nested models"
    if left > DEEPEST:
        text = f"{left} layers deep: Keras 3 opens it only after sys.setrecursionlimit({max(3000, 2 * left)})"
    findings.append(Finding("rebuilt" if left <= DEEPEST else "warning", model.name, "Functional", text))


def depths(nodes: list[Node]) -> dict[Node, int]:
    """How many calls lie on the longest path from an input to each node; producers come first."""
    found: dict[Node, int] = {}
    for node in nodes:
        found[node] = 1 + max((found[tensor.node] for tensor in node.tensors()), default=0)
    return found


def _stages(graph: Graph, nodes: list[Node]) -> Iterator[tuple[int, int]]:
    """First and last index of each stretch, in order."""
    depth = depths(nodes)
    start: int | None = None
    end = 0
    for index in _cuts(graph, nodes):
        if start is None:
            start = end = index
            continue
        if depth[nodes[index]] - depth[nodes[start]] > STAGE and end > start:
            yield start + 1, end
            start = end
        end = index
    if start is not None and end > start:
        yield start + 1, end


def _cuts(graph: Graph, nodes: list[Node]) -> list[int]:
    """After which nodes a single tensor is all that the rest needs; none where masks would cross."""
    if any(tensor.mask is not None or tensor.auto is not None for node in nodes for tensor in node.outputs):
        return []
    position = {node: index for index, node in enumerate(nodes)}
    last_use: dict[Tensor, int] = {tensor: len(nodes) for tensor in tensors(graph.outputs)}
    last_call: dict[Operation, int] = {}
    for index, node in enumerate(nodes):
        last_call[node.operation] = index
        for tensor in node.tensors():
            last_use[tensor] = max(index, last_use.get(tensor, 0))
    last_input = max(position[tensor.node] for tensor in graph.inputs)
    found, live, open_calls = [], set[Tensor](), set[Operation]()
    for index, node in enumerate(nodes):
        live |= {tensor for tensor in node.outputs if tensor in last_use}
        live = {tensor for tensor in live if last_use[tensor] > index}
        open_calls.add(node.operation)
        open_calls = {operation for operation in open_calls if last_call[operation] > index}
        if len(live) == 1 and not open_calls and index > last_input and live <= set(node.outputs):
            found.append(index)
    return found


Users = dict[Tensor, list[Node]]


def _users(graph: Graph) -> Users:
    """Which nodes take each tensor."""
    found: Users = {}
    for node in graph.nodes:
        for tensor in dict.fromkeys(node.tensors()):
            found.setdefault(tensor, []).append(node)
    return found


def _nest(graph: Graph, stretch: list[Node], users: Users) -> tuple[list[Node], Node]:
    """Put a stretch with one input and one output tensor into a model of its own; returns the call of that model."""
    inside, ends = set(stretch), set(tensors(graph.outputs))
    (source,) = {tensor for node in stretch for tensor in node.tensors() if tensor.node not in inside}
    outer = {
        tensor: [user for user in users.get(tensor, ()) if user not in inside]
        for node in stretch
        for tensor in node.outputs
    }
    (result,) = (tensor for tensor, outside in outer.items() if outside or tensor in ends)
    name = graph.names.reserve(f"stretch_to_{result.node.operation.name}")
    inner = Graph(graph.names)
    entry = inner.input(graph.names.reserve(f"{name}_input"), source.shape, source.dtype)
    for node in stretch:
        _rewire(node, source, entry)
    inner.nodes += stretch
    inner.outputs = [result]
    node = Node(Submodel(name, "Functional", graph=inner), [source], {})
    node.outputs.append(Tensor(result.shape, result.dtype, node))
    for user in outer[result]:
        _rewire(user, result, node.outputs[0])
    users[source] = [user for user in users[source] if user not in inside] + [node]
    users[node.outputs[0]] = outer[result]
    graph.outputs = _replaced(graph.outputs, result, node.outputs[0])
    return stretch, node


def _replace(graph: Graph, nested: list[tuple[list[Node], Node]]) -> None:
    """The calls of nested models stand where their stretches began."""
    place = {stretch[0]: call for stretch, call in nested}
    gone = {node for stretch, _ in nested for node in stretch}
    graph.nodes = [place.get(node, node) for node in graph.nodes if node not in gone or node in place]


def _rewire(node: Node, old: Tensor, new: Tensor) -> None:
    node.args = [_replaced(item, old, new) for item in node.args]
    node.kwargs = {key: _replaced(item, old, new) for key, item in node.kwargs.items()}


def _replaced(structure: Structure, old: Tensor, new: Tensor) -> Structure:
    if structure is old:
        return new
    if isinstance(structure, dict):
        return {key: _replaced(item, old, new) for key, item in structure.items()}
    if isinstance(structure, list):
        return [_replaced(item, old, new) for item in structure]
    if isinstance(structure, tuple):
        return tuple(_replaced(item, old, new) for item in structure)
    return structure
