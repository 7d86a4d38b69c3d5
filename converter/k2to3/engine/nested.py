"""What a rule built of several operations, as a model of its own."""

from __future__ import annotations

from collections.abc import Sequence

from k2to3.keras3.graph import Graph, Structure, Submodel, Tensor
from k2to3.keras3.types import Spec
from k2to3.rules.language import Composite


def nested_composite(composite: Composite, name: str, specs: Sequence[Spec]) -> Submodel:
    """A Functional model of the given name that computes what `composite` does."""
    graph = Graph()
    inputs = []
    for index, (shape, dtype) in enumerate(specs):
        label = graph.names.reserve(f"{name}_input" if len(specs) == 1 else f"{name}_input_{index}")
        inputs.append(graph.input(label, (None, *shape[1:]), dtype))
    given: Structure = inputs[0] if len(inputs) == 1 else list(inputs)
    found = composite.body(graph, given, {})
    graph.outputs = list(found) if isinstance(found, list) else [found]
    return Submodel(name, "Functional", graph=graph)


def fits(model: Submodel, given: Sequence[Tensor]) -> bool:
    """Whether the inputs of a nested model take these tensors."""
    pairs = zip(model.graph.inputs, given, strict=False)
    return all(
        len(wanted.shape) == len(tensor.shape)
        and all(None in (a, b) or a == b for a, b in zip(wanted.shape[1:], tensor.shape[1:], strict=True))
        for wanted, tensor in pairs
    )
