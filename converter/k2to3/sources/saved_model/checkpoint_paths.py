"""The weights of a TensorFlow checkpoint under the paths of Keras's `.weights.h5`.

A checkpoint names objects by the attributes that lead to them (`layer-1/cell/kernel`), numbered in the order of
`model.layers`; a `.weights.h5` file goes by classes instead (`layers/lstm/cell/vars/0`), which the architecture knows.
So both are matched, and judged, alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from typing import Any

from k2to3.dataclass import dataclass
from k2to3.errors import BadConfig, WeightMismatch
from k2to3.limits import Limits, too_much
from k2to3.sources.json_text import Json
from k2to3.sources.object_names import numbered
from k2to3.sources.saved_model.bundle import Bundle
from k2to3.sources.saved_model.layers import COUNTS, DEPTH, VALUE
from k2to3.sources.saved_model.messages import Node
from k2to3.sources.saved_model.object_graph import model_layers
from k2to3.sources.saved_model.vocabularies import LOOKUPS
from k2to3.sources.tensors import StoredTensor

Groups = dict[str, tuple[StoredTensor, ...]]
# Where the configuration of an attribute's layer stands in that of its owner.
INNER = {
    "layer": ("layer",),
    "forward_layer": ("layer",),
    "backward_layer": ("backward_layer", "layer"),
    "cell": ("cell",),
}
CELLS = "cells"
# Lists that a SavedModel keeps of what is elsewhere, and the states of a stateful RNN, which HDF5 files leave out too.
SKIPPED = frozenset(
    {
        "variables",
        "trainable_variables",
        "regularization_losses",
        "keras_api",
        "signatures",
        "state_variables",
        "states",
    }
)
# What losses and metrics bring into a model that is made already. TensorFlow 2.0 listed it at the end of the
# architecture, and not in checkpoints; none of it has weights.
LATE = ("AddLoss", "AddMetric", "TensorFlowOpLayer")

Part = tuple[str, int, Json | None]
"""Place below its owner, node, and configuration of an object."""


@dataclass
class PathWalk:
    """Walks the objects of a checkpoint beside the architecture."""

    nodes: list[Node]
    bundle: Bundle
    limits: Limits
    groups: Groups = field(default_factory=dict)
    places: dict[int, dict[str, int]] = field(default_factory=dict)
    """Node of a model → the nodes of its layers, by the names that the architecture gives them."""
    named: list[str] = field(default_factory=list)
    """Which layer each weight was named after, in the order of the walk."""
    visits: int = 0

    def model(self, config: Json, node: int, path: str, above: tuple[int, ...] = ()) -> None:
        """Fill in `groups` for a model.

        Raises:
            WeightMismatch: it has another number of layers than the architecture.
        """
        self._object(node, path, above, ())
        layers = _listed(config)
        found = model_layers(self.nodes[node].children)
        if config.get("class_name") == "Sequential":
            layers = [layer for layer in layers if layer.get("class_name") != "InputLayer"]
            # Until TensorFlow 2.2 the input of a Sequential model was listed in checkpoints, if in no architecture.
            if len(found) == len(layers) + 1 and not self.nodes[found[0]].children:
                found = found[1:]
        late = layers[len(found) :]
        if len(found) > len(layers) or any(_class(layer) not in LATE for layer in late):
            raise WeightMismatch(
                f"the checkpoint has {len(found)} layers under {path or 'the model'!r}, the architecture {len(layers)}"
            )
        names = numbered([_class(layer) for layer in layers])
        self.places[node] = {str(_name(layer)): child for layer, child in zip(layers, found, strict=False)}
        self.groups.update((f"{path}/layers/{name}".lstrip("/"), ()) for name in names[len(found) :])
        firsts = []
        for layer, name, child in zip(layers, names, found, strict=False):
            before = len(self.named)
            self._layer(layer, child, f"{path}/layers/{name}".lstrip("/"), (*above, node))
            firsts += [(str(_name(layer)), self.named[before])] if len(self.named) > before else []
        self._check_order(firsts)

    def _check_order(self, pairs: list[tuple[str, str]]) -> None:
        """The layers are those of the author's model, where both name them alike.

        Raises:
            WeightMismatch: they have the same names in another order.
        """
        moved = [(name, found) for name, found in pairs if name != found]
        if moved and {name for name, _ in pairs} == {found for _, found in pairs}:
            raise WeightMismatch(
                f"the checkpoint's layer {moved[0][1]!r} stands where the architecture has {moved[0][0]!r}",
                hint="give the architecture of the very model: model.to_json() of the program that saved the weights",
            )

    def _layer(self, config: Json | None, node: int, path: str, above: tuple[int, ...]) -> None:
        if config is not None and _is_model(config):
            self.model(config, node, path, above)
            return
        if config is not None and _class(config) in LOOKUPS:
            variables = dict.fromkeys(self._variables(node, DEPTH))
            self.groups[path] = tuple(self._tensor(n, f"{path}/vars/{index}") for index, n in enumerate(variables))
            return
        self._object(node, path, above, tuple(self._inner(config, node)))

    def _variables(self, node: int, depth: int) -> Iterator[int]:
        """The weights of tf-idf, which belong to a part of their layer."""
        for name, child in self.nodes[node].children.items():
            if VALUE in (self.nodes[child].keys or {}) and name not in COUNTS:
                yield child
            elif depth and name not in COUNTS:
                yield from self._variables(child, depth - 1)

    def _object(
        self, node: int, path: str, above: tuple[int, ...], inner: tuple[tuple[str, int, Json | None], ...]
    ) -> None:
        self.visits += 1
        if len(above) > self.limits.nesting:
            raise too_much("nesting", f"objects are nested more than {self.limits.nesting} levels deep")
        if self.visits > self.limits.objects:
            raise too_much("objects", f"more than {self.limits.objects} objects")
        self.groups[path] = self._own(node, path)
        for name, child, config in inner:
            if child not in above and child != node:
                self._layer(config, child, f"{path}/{name}", (*above, node))

    def _own(self, node: int, path: str) -> tuple[StoredTensor, ...]:
        variables = dict.fromkeys(c for c in self.nodes[node].children.values() if VALUE in (self.nodes[c].keys or {}))
        return tuple(self._tensor(child, f"{path}/vars/{index}") for index, child in enumerate(variables))

    def _tensor(self, node: int, path: str) -> StoredTensor:
        found = self.nodes[node]
        tensor = self.bundle.tensor((found.keys or {})[VALUE], f"{found.full_name}:0")
        self.named.append(found.full_name.split("/")[0])
        return StoredTensor(tensor.name, path, tensor.shape, tensor.dtype, tensor.dataset)

    def _inner(self, config: Json | None, node: int) -> Iterator[Part]:
        """The objects that belong to a layer."""
        given = config.get("config") if config is not None else None
        for name, child in self.nodes[node].children.items():
            if name in SKIPPED:
                continue
            if name == CELLS and isinstance(given, dict) and isinstance(given.get(CELLS), list):
                cells = [cell for cell in given[CELLS] if isinstance(cell, dict)]
                names = numbered([_class(cell) for cell in cells])
                for index, (cell, place) in enumerate(zip(cells, names, strict=True)):
                    if (found := self.nodes[child].children.get(str(index))) is not None:
                        yield f"{CELLS}/{place}", found, cell
            elif VALUE not in (self.nodes[child].keys or {}) and self.nodes[child].children:
                yield name, child, _inner_config(given, name)


def _inner_config(given: Any, name: str) -> Json | None:
    found = (given.get(key) for key in INNER.get(name, ())) if isinstance(given, dict) else ()
    return next((config for config in found if isinstance(config, dict) and "class_name" in config), None)


def _is_model(config: Json) -> bool:
    inner = config.get("config")
    return isinstance(inner.get("layers") if isinstance(inner, dict) else inner, list)


def _listed(config: Json) -> list[Json]:
    """The layers of a model.

    Raises:
        BadConfig: it is none.
    """
    inner = config.get("config")
    found = inner.get("layers") if isinstance(inner, dict) else inner
    if not isinstance(found, list) or not all(isinstance(layer, dict) for layer in found):
        raise BadConfig("the architecture has no list of layers")
    return found


def _name(config: Json) -> Any:
    inner = config.get("config")
    return inner.get("name") if isinstance(inner, dict) else config.get("name")


def _class(config: Json) -> str:
    name = str(config.get("class_name"))
    if not _is_model(config):
        return name
    return "Sequential" if name == "Sequential" else "Functional"
