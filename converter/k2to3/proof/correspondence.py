"""Which tensor of the archive answers for which call of a Keras 2 layer, as the worker can find it.

The plan says so, and the plan is on trial; but a tensor that is taken for another is found to differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from k2to3.engine.plan import Plan
from k2to3.keras3.finish import Closed
from k2to3.keras3.graph import Node, Submodel, Tensor, tensors
from k2to3.keras3.layer import Op, Operation
from k2to3.keras3.order import layer_order
from k2to3.keras3.origins import Path

Json = dict[str, Any]
Place = tuple[str, int, int]
"""Name of an operation, its place in `model.operations` where it is an op, and the number of its call."""
NAMED = -1
Chain = tuple[Place, ...]


def calls(plan: Plan) -> list[Json]:
    """Every call of a layer, nested and shared models included, with the places of its outputs."""
    return [
        {"path": path, "class_name": origin.class_name, "rule": origin.rule, "outputs": outputs}
        for path, origin, outputs in _calls(plan.model, plan.closed, (), ())
    ]


def _calls(model: Submodel, closed: Mapping[Submodel, Closed], path: Path, chain: Chain) -> Iterator[Any]:
    places = dict(_places(model, closed, chain))
    for origin in model.graph.origins:
        here = (*path, *origin.path)
        found = [_place(tensor, places) for tensor in origin.outputs]
        if all(place is not None for place in found):
            yield here, origin, found
        operation = origin.outputs[0].node.operation if origin.outputs else None
        node_chain = places.get(origin.outputs[0].node) if origin.outputs else None
        if isinstance(operation, Submodel) and operation.graph.origins and node_chain is not None:
            yield from _calls(operation, closed, here, node_chain)


def _place(tensor: Tensor, places: Mapping[Node, Chain]) -> list[Any] | None:
    chain = places.get(tensor.node)
    return None if chain is None else [list(chain), tensor.index]


def _places(model: Submodel, closed: Mapping[Submodel, Closed], chain: Chain) -> Iterator[tuple[Node, Chain]]:
    """Every call that is written, and those of the models that the conversion itself nested."""
    if model not in closed:
        return
    found = closed[model]
    position = {op: n for n, op in enumerate(layer_order(found.graph.inputs, list(tensors(found.graph.outputs))))}
    counts: Counter[Operation] = Counter()
    for node in found.nodes:
        # An op is named anew when it is loaded; a layer may stand behind nodes that a Keras 3 adds for its masks.
        place = position[node.operation] if isinstance(node.operation, Op) else NAMED
        here = (*chain, (node.operation.name, place, counts[node.operation]))
        counts[node.operation] += 1
        yield node, here
        if isinstance(node.operation, Submodel) and not node.operation.graph.origins:
            yield from _places(node.operation, closed, here)
