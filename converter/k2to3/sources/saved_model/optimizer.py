"""The arrays of the optimizer in a SavedModel, under the names and in the order of an HDF5 file.

Until TensorFlow 2.10 an optimizer names the variable that each array belongs to (a slot); later it lists them.
"""

from __future__ import annotations

from collections.abc import Iterator

from k2to3.sources.saved_model.layers import Variables
from k2to3.sources.saved_model.messages import Slot
from k2to3.sources.saved_model.object_graph import ObjectGraph
from k2to3.sources.tensors import StoredTensor

# What LossScaleOptimizer of TF 2.4 and later, and of 2.11 and later, call the one inside.
INNER = ("base_optimizer", "_optimizer", "_inner_optimizer")


def optimizer_arrays(variables: Variables) -> tuple[StoredTensor, ...]:
    """All arrays; none where the model was saved without."""
    node = variables.graph.child(0, "optimizer")
    if node is None:
        return ()
    found = list(dict.fromkeys(_nodes(variables.graph, node)))
    return tuple(variables.tensor(each) for each in found)


def _nodes(graph: ObjectGraph, node: int) -> Iterator[int]:
    listed = graph.child(node, "_variables")
    if listed is not None:
        yield from graph.listed(listed)
    for name in ("iter", "_iterations"):
        if (counter := graph.child(node, name)) is not None and listed is None:
            yield counter
    yield from (slot.variable for slot in _ordered(graph, graph.nodes[node].slots))
    for name in INNER:
        inner = graph.child(node, name)
        if inner is not None and inner != node:
            yield from _nodes(graph, inner)


def _ordered(graph: ObjectGraph, slots: tuple[Slot, ...]) -> list[Slot]:
    """All of one kind before the next, in the order of the weights."""
    trained = {node: index for index, node in enumerate(graph.listed(graph.child(0, "trainable_variables")))}
    kinds = {name: index for index, name in enumerate(dict.fromkeys(slot.name for slot in slots))}
    return sorted(slots, key=lambda slot: (kinds[slot.name], trained.get(slot.original, len(trained))))
