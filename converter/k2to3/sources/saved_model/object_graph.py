"""The objects of a SavedModel, and which of them are Keras's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from k2to3.dataclass import dataclass
from k2to3.errors import BadConfig, Damaged, NotKeras2
from k2to3.limits import Limits, too_much
from k2to3.sources import recipes
from k2to3.sources.json_text import Json, parse_object
from k2to3.sources.opened import OpenedFile
from k2to3.sources.saved_model.messages import Node, asset_name, bound_inputs, described_nodes, saved_nodes
from k2to3.sources.saved_model.wire import Span, spans

META_GRAPH = 2
OPERATIONS, ASSETS, OBJECTS = 2, 6, 7
KERAS = "_tf_keras_"


@dataclass(frozen=True)
class ObjectGraph:
    """Nodes by number, node 0 the root; `described` is what Keras wrote about its own."""

    nodes: list[Node]
    described: dict[int, str]
    assets: list[str]
    functions: dict[str, tuple[int, ...]]
    """Name of a function → the nodes that it is called with."""
    operations: Span
    """Where the graph of operations lies in `saved_model.pb`."""
    limits: Limits

    def child(self, node: int, *names: str) -> int | None:
        """The node that is reached by these attributes."""
        found: int | None = node
        for name in names:
            found = None if found is None else self.nodes[found].children.get(name)
        return found

    def listed(self, node: int | None) -> list[int]:
        """The nodes in a list, in its order; what no file can hold (a table without a name) is left out there."""
        children = {} if node is None else self.nodes[node].children
        return [children[name] for name in sorted(filter(_is_number, children), key=int)]

    def metadata(self, node: int) -> Json:
        """What Keras says of an object, in the words of an HDF5 file; empty where it says nothing."""
        text = self.described.get(node, "")
        return _plain(parse_object(text, "the metadata of an object", self.limits)) if text else {}


def read_object_graph(model: OpenedFile, metadata: OpenedFile | None, limits: Limits) -> ObjectGraph:
    """The objects in `saved_model.pb`; `metadata` is `keras_metadata.pb`, which TensorFlow 2.5 and later write.

    Raises:
        NotKeras2: no objects, as TensorFlow 1, Estimators and older Hub modules wrote it. UnsafeFile: too large.
    """
    graphs = [span for span in spans(model, 0, model.size, limits.objects) if span.number == META_GRAPH]
    if len(graphs) != 1:
        raise NotKeras2(f"is a SavedModel folder with {len(graphs)} graphs, where Keras writes one", hint=recipes.GRAPH)
    parts = list(spans(model, graphs[0].start, graphs[0].size, limits.objects))
    objects = [span for span in parts if span.number == OBJECTS]
    if len(objects) != 1:
        raise NotKeras2(
            "is a SavedModel folder without objects (of TensorFlow 1, an Estimator or an older Hub module)",
            hint=recipes.GRAPH,
        )
    data = _bytes(model, objects[0].start, objects[0].size, limits)
    nodes = saved_nodes(data, limits)
    functions = bound_inputs(data, limits)
    if any(not 0 <= each < len(nodes) for given in functions.values() for each in given):
        raise Damaged("a damaged object graph: a function is called with an object that is not there")
    operations = next((span for span in parts if span.number == OPERATIONS), Span(OPERATIONS, 0, 0))
    assets = [asset_name(_bytes(model, span.start, span.size, limits)) for span in parts if span.number == ASSETS]
    return ObjectGraph(nodes, _described(nodes, metadata, limits), assets, functions, operations, limits)


def model_layers(children: Mapping[str, int]) -> list[int]:
    """The layers of a model, in the order of `model.layers`.

    Raises:
        Damaged: their numbers have a gap.
    """
    numbers = sorted(int(match[1]) for name in children if (match := re.fullmatch(r"layer-(\d{1,9})", name)))
    if numbers != list(range(len(numbers))):
        raise Damaged("a damaged object graph: the layers of a model are not numbered from 0 on")
    return [children[f"layer-{number}"] for number in numbers]


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdigit() and len(name) < 10


def _bytes(file: OpenedFile, start: int, size: int, limits: Limits) -> bytes:
    if size > limits.graph_bytes:
        raise too_much("graph_bytes", f"the objects of the SavedModel take {size} bytes")
    data = file.read_at(start, size)
    if len(data) != size:
        raise Damaged("became shorter while it was read")
    return data


def _described(nodes: list[Node], metadata: OpenedFile | None, limits: Limits) -> dict[int, str]:
    if metadata is None:
        return {index: node.metadata for index, node in enumerate(nodes) if node.kind.startswith(KERAS)}
    found = described_nodes(_bytes(metadata, 0, metadata.size, limits), limits)
    for number, (kind, _) in found.items():
        if not 0 <= number < len(nodes) or nodes[number].kind != kind:
            raise BadConfig("keras_metadata.pb is not of this saved_model.pb: they describe other objects")
    return {number: text for number, (_, text) in found.items()}


def _plain(value: Any) -> Any:
    """Tuples as lists, as JSON in HDF5 files has them."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("class_name") == "__tuple__" and set(value) == {"class_name", "items"}:
        return _plain(value["items"])
    return {key: _plain(item) for key, item in value.items()}
