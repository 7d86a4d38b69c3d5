"""One layer: what all layers have in common is read, the rest is left to its rule."""

from __future__ import annotations

from k2to3.engine.nested import nested_composite
from k2to3.errors import UnsupportedLayer
from k2to3.keras2.config import Config
from k2to3.keras2.model import LayerRecord
from k2to3.keras3.graph import Structure, tensors
from k2to3.keras3.layer import Layer
from k2to3.keras3.types import Shape
from k2to3.matching.slots import Weights
from k2to3.rules.common import read_common
from k2to3.rules.input_spec import check_inputs
from k2to3.rules.language import Composite, Context, Conversion, Native, Outcome


def read_layer(record: LayerRecord, weights: Weights, inputs: Structure, name: str, conversion: Conversion) -> Context:
    """The context of a layer, with what all layers have in common read."""
    config, record = Config(record.config, record.name), conversion.rules.resolved(record)
    return read_common(Context(record, config, weights, inputs, name, conversion))


def apply_rule(context: Context) -> Outcome:
    """Run the rule of a layer and make sure that it looked at every key."""
    outcome = context.conversion.rules.find(context.record).convert(context)
    context.config.finish()
    return outcome


def convert_inner(record: LayerRecord, weights: Weights, inputs: Structure, parent: Context, name: str) -> Outcome:
    """Convert a layer or model that stands inside a wrapper."""
    conversion = parent.conversion
    if record.model is not None:
        model = conversion.engine.model(record, weights, list(tensors(inputs)), conversion)
        model.name = name
        return Native(model)
    if conversion.rules.is_builtin(record):
        check_inputs(conversion.rules.resolved(record), inputs, {})
    context = read_layer(record, weights, inputs, name, conversion)
    # A frozen or half-precision wrapper speaks for what it wraps.
    context.trainable, context.made = context.trainable and parent.trainable, parent.made
    return apply_rule(context)


def as_layer(outcome: Outcome, layer: str, shape: Shape, name: str, dtype: str) -> Layer:
    """One layer for use inside a wrapper called `layer`; a composite becomes a nested Functional model.

    Raises:
        UnsupportedLayer: it is called with arguments.
    """
    if isinstance(outcome, Composite):
        return nested_composite(Composite(outcome.body), name, [(shape, dtype)])
    if outcome.kwargs or outcome.arrange is not None:
        raise UnsupportedLayer("cannot stand inside a wrapper with call arguments", layer=layer)
    return outcome.layer
