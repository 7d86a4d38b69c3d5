"""A Keras 2 model, nested or not, as a Keras 3 graph of its own."""

from __future__ import annotations

from collections.abc import Sequence

from k2to3.engine.calls import ModelCalls
from k2to3.engine.layers import as_layer, convert_inner, read_layer
from k2to3.keras2.model import LayerRecord, map_leaves
from k2to3.keras3.graph import Graph, Structure, Submodel, Tensor
from k2to3.keras3.layer import Layer
from k2to3.keras3.naming import model_name
from k2to3.keras3.nesting import Inline
from k2to3.keras3.types import Shape
from k2to3.matching.slots import Weights
from k2to3.options.records import ModelOptions
from k2to3.rules.language import Context, Conversion, Outcome
from k2to3.rules.rulebook import Rulebook
from k2to3.sources.author import Writer


def new_conversion(writer: Writer, rules: Rulebook, options: ModelOptions) -> Conversion:
    """What holds for one conversion, before anything is found."""
    return Conversion(writer, rules, ModelEngine(), options)


def convert_model(record: LayerRecord, weights: Weights, given: Sequence[Tensor], conversion: Conversion) -> Submodel:
    """Convert a Sequential or Functional model into a graph of its own.

    `given` are the tensors of its first call; they only lend their shapes where the
    model does not know its own.
    """
    assert record.model is not None
    inline: set[str] = set()
    known = len(conversion.findings)
    while True:
        graph = Graph()
        calls = ModelCalls(record.model, weights, conversion, inline)
        try:
            outputs = calls.run(graph, None, [(t.shape, t.dtype) for t in given])
            break
        except Inline as again:
            inline.add(again.layer)
            del conversion.findings[known:]
    graph.outputs = outputs
    graph.input_structure = map_leaves(lambda ref: calls.produced[ref.layer][0][0], record.model.inputs)
    model = Submodel(model_name(record.name), "Functional", graph=graph, sequential=record.model.sequential)
    model.trainable = record.model.trainable
    return model


class ModelEngine:
    """What rules ask for the layers and models that a layer holds; see `rules.language.Engine`."""

    def model(self, record: LayerRecord, weights: Weights, given: Sequence[Tensor], conversion: Conversion) -> Submodel:
        return convert_model(record, weights, given, conversion)

    def layer(self, record: LayerRecord, weights: Weights, inputs: Structure, parent: Context, name: str) -> Outcome:
        return convert_inner(record, weights, inputs, parent, name)

    def read(
        self, record: LayerRecord, weights: Weights, inputs: Structure, name: str, conversion: Conversion
    ) -> Context:
        return read_layer(record, weights, inputs, name, conversion)

    def as_layer(self, outcome: Outcome, layer: str, shape: Shape, name: str, dtype: str) -> Layer:
        return as_layer(outcome, layer, shape, name, dtype)
