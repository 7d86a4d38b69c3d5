"""`config.json` of an archive: the subset of Keras 3's format that its releases share.

No `build_config`, `shared_object_id` or dtype objects; op names only where the class takes them (`keras3/ops/facts`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np

from k2to3.errors import InternalError, UnsafeFile
from k2to3.keras3.finish import Closed, close
from k2to3.keras3.graph import Node, Structure, Submodel, Tensor, tensors
from k2to3.keras3.layer import Layer, Op, Operation
from k2to3.keras3.layers.table import takes_policy, takes_trainable
from k2to3.keras3.loading import has_legacy_form
from k2to3.keras3.ops.facts import takes_name
from k2to3.sources.object_names import snake_case

Json = dict[str, Any]


class Serialiser:
    """Writes models to JSON; remembers every closed graph for the weight paths.

    A single input or output is written as Keras 3 itself does, without a list around it:
    with one, `model.output` and `model(x)` are lists in 3.4 and since 3.11, and nothing can
    be built on the model. Keras 3.3 reads nothing but the list, so `oldest=3` writes it,
    and a Functional model inside a Sequential, where a list cannot stand, makes that
    Functional too.
    """

    def __init__(self, oldest: int = 4) -> None:
        self.closed: dict[Submodel, Closed] = {}
        self.lists = oldest < 4

    def close(self, model: Submodel) -> Closed:
        if model not in self.closed:
            if self.lists and any(not inner.sequential for inner in self._inner(model)):
                model.sequential = False
            self.closed[model] = close(model)
        return self.closed[model]

    @property
    def inputs_first(self) -> bool:
        """Whether no call stands before its inputs in a form that Keras 3 before 3.7 gives up on."""
        return all(has_legacy_form(node) for closed in self.closed.values() for node in closed.premature)

    def _inner(self, model: Submodel) -> list[Submodel]:
        found = [node.operation for node in model.graph.nodes if isinstance(node.operation, Submodel)]
        for inner in found:
            self.close(inner)
        return found

    def model(self, model: Submodel) -> Json:
        """The serialised model object."""
        closed = self.close(model)
        return self._sequential(model, closed) if model.sequential else self._functional(model, closed)

    def _sequential(self, model: Submodel, closed: Closed) -> Json:
        layers = [self.operation(op) for op in closed.operations]
        return {
            "module": "keras",
            "class_name": "Sequential",
            "config": {"name": model.name, "trainable": model.trainable, "layers": layers},
            "registered_name": None,
        }

    def _functional(self, model: Submodel, closed: Closed) -> Json:
        calls = _call_indices(closed.nodes)
        by_operation: dict[Operation, list[Node]] = defaultdict(list)
        for node in closed.nodes:
            by_operation[node.operation].append(node)
        layers = []
        named = named_ops(closed.operations)
        for operation in closed.operations:
            entry = self.operation(operation)
            if operation in named:
                entry["config"] = {**entry["config"], "name": operation.name}
            entry["name"] = operation.name
            entry["inbound_nodes"] = [
                _legacy_call(node, calls)
                if node in closed.premature and has_legacy_form(node)
                else {"args": _structure(node.args, calls), "kwargs": _structure(node.kwargs, calls)}
                for node in by_operation[operation]
                if node.args
            ]
            layers.append(entry)
        graph = closed.graph
        return {
            "module": "keras.src.models.functional",
            "class_name": "Functional",
            "config": {
                "name": model.name,
                "trainable": model.trainable,
                "layers": layers,
                "input_layers": self._endpoints(graph.input_structure or graph.inputs, calls),
                "output_layers": self._endpoints(graph.outputs, calls),
            },
            "registered_name": "Functional",
        }

    def _endpoints(self, structure: Structure, calls: dict[Node, int]) -> Any:
        if isinstance(structure, list) and len(structure) == 1 and isinstance(structure[0], Tensor):
            structure = structure[0]
        found = _endpoints(structure, calls)
        return [found] if self.lists and isinstance(structure, Tensor) else found

    def operation(self, operation: Operation) -> Json:
        """A layer or op object, without its place in a graph."""
        if isinstance(operation, Submodel):
            return self.model(operation)
        if isinstance(operation, Op):
            return {
                "module": f"keras.src.ops.{operation.module}",
                "class_name": operation.class_name,
                "config": self._value(operation.config),
                "registered_name": operation.class_name,
            }
        assert isinstance(operation, Layer)
        return self.layer(operation)

    def layer(self, layer: Layer) -> Json:
        config: Json = {"name": layer.name}
        if not layer.trainable and takes_trainable(layer):
            config["trainable"] = False
        if layer.dtype is not None and takes_policy(layer):
            config["dtype"] = layer.dtype
        config.update(self._value(layer.config))
        return {
            "module": layer.custom.module if layer.custom else "keras.layers",
            "class_name": layer.class_name,
            "config": config,
            "registered_name": layer.custom.registered_name if layer.custom else None,
        }

    def _value(self, value: Any) -> Any:
        if isinstance(value, Operation):
            return self.operation(value)
        if isinstance(value, dict):
            return {key: self._value(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._value(item) for item in value]
        return _plain(value)


def named_ops(operations: Iterable[Operation]) -> set[Operation]:
    """The op nodes of one model whose name is written down.

    Before Keras 3.11 only classes without a constructor of their own take `name`; they
    always get it. The others name themselves `reshape`, `reshape_1`, ... by a counter of
    the process, so they get a name only where another name of the model could be hit.
    """
    listed = list(operations)
    named = {op for op in listed if isinstance(op, Op) and takes_name(f"{op.module}.{op.class_name}")}
    explicit = {op.name for op in listed if not isinstance(op, Op) or op in named}
    automatic = {re.sub(r"_\d+$", "", name) for name in explicit} | explicit
    return named | {op for op in listed if isinstance(op, Op) and snake_case(op.class_name) in automatic}


def _call_indices(nodes: list[Node]) -> dict[Node, int]:
    counts: dict[Operation, int] = defaultdict(int)
    found = {}
    for node in nodes:
        found[node] = counts[node.operation]
        counts[node.operation] += 1
    return found


def _endpoints(structure: Structure, calls: dict[Node, int]) -> Any:
    if isinstance(structure, Tensor):
        operation = structure.node.operation
        # Keras 3 still counts the uses of a nested Functional from 1, but only here.
        base = 1 if isinstance(operation, Submodel) and not operation.sequential else 0
        return [operation.name, calls[structure.node] + base, structure.index]
    if isinstance(structure, dict):
        return {key: _endpoints(value, calls) for key, value in structure.items()}
    if isinstance(structure, (list, tuple)):
        return [_endpoints(item, calls) for item in structure]
    raise InternalError(f"{type(structure).__name__} at an end of a model, which takes and gives tensors")


def _structure(value: Structure, calls: dict[Node, int]) -> Any:
    if isinstance(value, Tensor):
        history = [value.node.operation.name, calls[value.node], value.index]
        config = {"shape": list(value.shape), "dtype": value.dtype, "keras_history": history}
        return {"class_name": "__keras_tensor__", "config": config}
    if isinstance(value, dict):
        return {key: _structure(item, calls) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_structure(item, calls) for item in value]
    return _plain(value)


def _legacy_call(node: Node, calls: dict[Node, int]) -> Any:
    """A call as Keras 2 wrote it, the only form that Keras 3 before 3.7 will come back to."""
    given = list(tensors(node.args))
    kwargs = _structure(node.kwargs, calls)
    return [[t.node.operation.name, calls[t.node], t.index, kwargs] for t in given]


MAX_CONSTANT = 1 << 20


def _plain(value: Any) -> Any:
    if isinstance(value, slice):
        fields = {"start": value.start, "stop": value.stop, "step": value.step}
        return {"class_name": "__slice__", "config": fields}
    if value is Ellipsis:
        return {"class_name": "__ellipsis__", "config": {}}
    if isinstance(value, np.ndarray):
        if value.size > MAX_CONSTANT:
            raise UnsafeFile(f"a constant of {value.size} numbers would stand in the architecture")
        fields = {"value": value.tolist(), "dtype": str(value.dtype)}
        return {"class_name": "__numpy__", "config": fields}
    if isinstance(value, np.generic):
        return value.item()
    return value
