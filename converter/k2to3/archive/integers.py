"""Layers and ops that are called on whole numbers or flags, which some backends cannot.

The dtype of a tensor stands in the graph; in the `config.json` of a Sequential model it stands nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from k2to3.archive.requirements import Need
from k2to3.keras3.graph import Node, Submodel, tensors
from k2to3.keras3.layer import Layer, Op
from k2to3.keras3.layers.table import LAYERS
from k2to3.keras3.ops.facts import op_facts

NUMBERS = ("int", "uint", "bool")


def integer_needs(model: Submodel) -> Iterator[Need]:
    """What the calls of a model and of all models in it need of a backend."""
    for node in model.graph.nodes:
        kinds = sorted({each.dtype for each in tensors(node.args) if each.dtype.startswith(NUMBERS)})
        if kinds:
            yield from _needs(node, kinds)
        if isinstance(node.operation, Layer):
            yield from _inside(node.operation)


def _needs(node: Node, kinds: list[str]) -> Iterator[Need]:
    subject = node.operation
    if isinstance(subject, Op):
        found = op_facts(f"{subject.module}.{subject.class_name}").without_integers
        if found:
            yield Need(subject.name, f"op {subject.class_name} of {', '.join(kinds)}", unable=found)
        return
    while isinstance(subject, Layer) and subject.class_name == "TimeDistributed":
        inner = subject.children["layer"]
        assert isinstance(inner, Layer)
        subject = inner
    row = LAYERS.get(subject.class_name)
    if row is not None and row.without_integers:
        yield Need(node.operation.name, f"{subject.class_name} of {', '.join(kinds)}", unable=row.without_integers)


def _inside(layer: Layer) -> Iterator[Need]:
    if isinstance(layer, Submodel):
        yield from integer_needs(layer)
    for _, inner in layer.sublayers():
        yield from _inside(inner)
