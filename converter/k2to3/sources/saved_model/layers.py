"""The weights of each layer in a SavedModel, under the names and in the order that an HDF5 file would have.

Keras saves with each layer the lists `trainable_variables` and `non_trainable_variables` of that moment, which is
what its HDF5 writer goes by (`_legacy_weights`), in this order, for nested models too.
Source: `SerializedAttributes` in keras/saving/saved_model/serialized_attributes.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from k2to3.dataclass import dataclass
from k2to3.errors import BadConfig, WeightMismatch
from k2to3.sources.saved_model.bundle import Bundle
from k2to3.sources.saved_model.messages import Node
from k2to3.sources.saved_model.object_graph import ObjectGraph, model_layers
from k2to3.sources.tensors import StoredTensor

VALUE = "VARIABLE_VALUE"
# Levels of objects in a preprocessing layer.
DEPTH = 3
# What such a layer counts while it adapts.
COUNTS = ("token_counts", "token_document_counts", "num_documents")
# The weights of tf-idf before TensorFlow 2.6; later they had no name of their own.
IDF, UNNAMED = "idf", "Variable"


@dataclass(frozen=True)
class Variables:
    """The variables of a SavedModel: their names from its objects, their values from the bundle."""

    graph: ObjectGraph
    bundle: Bundle
    keys: dict[int, dict[str, str]]
    """Number of a node → what the bundle stores of it, by what it is of the object."""

    def tensor(self, node: int, name: str | None = None, path: str | None = None) -> StoredTensor:
        """The value of a variable.

        Raises:
            WeightMismatch: the node is no variable, or has no value.
        """
        found = self.graph.nodes[node]
        name = name or f"{found.name}:0"
        if found.kind != "variable":
            raise WeightMismatch(f"a list of weights holds something else ({found.kind or 'an object'})")
        key = self.keys.get(node, {}).get(VALUE)
        if key is None:
            raise WeightMismatch(f"weight {name!r} has no value in the file")
        tensor = self.bundle.tensor(key, name)
        return tensor if path is None else replace(tensor, path=path)


def stored_keys(graph: ObjectGraph, stored: list[Node]) -> dict[int, dict[str, str]]:
    """What the bundle stores of each object: its own graph is walked along the same attributes."""
    pairs = {0: 0}
    waiting = [0]
    while waiting:
        node = waiting.pop()
        theirs = stored[pairs[node]].children
        for name, child in graph.nodes[node].children.items():
            if name in theirs and child not in pairs:
                pairs[child] = theirs[name]
                waiting.append(child)
    for node, other in list(pairs.items()):
        kept = {(slot.original, slot.name): slot.variable for slot in stored[other].slots}
        for slot in graph.nodes[node].slots:
            found = kept.get((pairs.get(slot.original, -1), slot.name))
            if found is not None:
                pairs[slot.variable] = found
    return {node: stored[other].keys or {} for node, other in pairs.items()}


def layer_nodes(graph: ObjectGraph, model: int = 0) -> Iterator[tuple[str, int]]:
    """Name and node of each layer of a model, in the order of `model.layers`."""
    for number, node in enumerate(model_layers(graph.nodes[model].children)):
        name = graph.metadata(node).get("name")
        if not isinstance(name, str):
            raise BadConfig(f"nothing says what layer {number} of the model is")
        yield name, node


def weight_groups(variables: Variables) -> dict[str, tuple[StoredTensor, ...]]:
    """Layer name → its tensors.

    Raises:
        BadConfig: two layers of one name.
        WeightMismatch: weights without a value, or of the model itself.
    """
    found: dict[str, tuple[StoredTensor, ...]] = {}
    seen: set[int] = set()
    for name, node in layer_nodes(variables.graph):
        if name in found:
            raise BadConfig(f"two layers are named {name!r}")
        weights = _weights(variables.graph, node)
        try:
            labelled = _labelled(variables.graph, weights)
            found[name] = tuple(variables.tensor(each, label, f"{name}/{label}") for each, label in labelled)
        except WeightMismatch as error:
            raise error.located(layer=name) from error.__cause__
        seen.update(weights if _has_lists(variables.graph, node) else _inside(variables.graph, node, DEPTH, ()))
    if set(_weights(variables.graph, 0)) - seen:
        raise WeightMismatch("the model owns weights outside its layers (model.add_weight)")
    return found


def _weights(graph: ObjectGraph, node: int) -> list[int]:
    if not _has_lists(graph, node):
        # Preprocessing layers before TensorFlow 2.6, which Keras restores from their configuration.
        return list(dict.fromkeys(_inside(graph, node, DEPTH, COUNTS)))
    trainable = graph.listed(graph.child(node, "trainable_variables"))
    other = graph.listed(graph.child(node, "keras_api", "non_trainable_variables"))
    found = list(dict.fromkeys([*trainable, *other]))
    if set(found) != set(graph.listed(graph.child(node, "variables"))):
        raise WeightMismatch("its lists of weights contradict each other")
    return found


def _has_lists(graph: ObjectGraph, node: int) -> bool:
    return graph.child(node, "variables") is not None


def _inside(graph: ObjectGraph, node: int, depth: int, skipped: tuple[str, ...]) -> Iterator[int]:
    """The variables of an object and of what it consists of."""
    children = list(dict.fromkeys(child for name, child in graph.nodes[node].children.items() if name not in skipped))
    yield from (child for child in children if graph.nodes[child].kind == "variable")
    if depth:
        for child in children:
            yield from _inside(graph, child, depth - 1, skipped)


def _labelled(graph: ObjectGraph, weights: list[int]) -> Iterator[tuple[int, str]]:
    """Weights and their names as HDF5 has them; a second of the same name is numbered, as it could not be there."""
    taken: dict[str, int] = {}
    for node in weights:
        name = UNNAMED if graph.nodes[node].name == IDF else graph.nodes[node].name
        number = taken[name] = taken.get(name, -1) + 1
        yield node, f"{name}_{number}:0" if number else f"{name}:0"
