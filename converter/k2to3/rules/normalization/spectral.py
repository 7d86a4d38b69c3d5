"""SpectralNormalization: kept, for it goes on normalising while training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k2to3.errors import BadConfig, UnsupportedOption
from k2to3.keras2.config import Config
from k2to3.keras2.model import LayerRecord
from k2to3.keras2.parse import parse_layer
from k2to3.keras3.graph import Graph, Structure, tensors
from k2to3.keras3.naming import scope_name
from k2to3.keras3.policy import FLOATS
from k2to3.matching.slots import Slots
from k2to3.rules.activations.activation import activate, read_activation
from k2to3.rules.language import Composite, Context, Described, Native, rule
from k2to3.sources.json_text import Json

KERNELS = ("kernel", "embeddings")
ADDONS = "Addons>SpectralNormalization"
# TensorFlow Addons, whose wrapper became that of Keras 2.13, named its vector otherwise.
VECTORS = {ADDONS: "sn_u"}


def spectral_slots(layer: Described) -> Slots:
    inner = parse_layer(_inner(layer.config, layer.record))
    children = {"layer": layer.slots(inner)}
    return Slots(other=(_vector(layer.record),), children=children, trainable=layer.record.trainable)


def _vector(record: LayerRecord) -> str:
    return VECTORS.get(record.class_name, "vector_u")


def _inner(config: Config, record: LayerRecord) -> Json:
    value = config.peek("layer")
    if not isinstance(value, dict) or not isinstance(value.get("config"), dict):
        raise BadConfig("wraps nothing", layer=record.name, key="layer")
    return value


@rule("SpectralNormalization", slots=spectral_slots, masks="drop")
def spectral_normalization(context: Context) -> Native | Composite:
    """The wrapper stores the wrapped kernel once more beside its own vector.

    An activation that Keras 3 lacks stands behind the wrapper: factors folded into the
    kernel would be normalised away.
    """
    config = context.config
    value = _inner(config, context.record)
    config.take("layer")
    settings: dict[str, Any] = {"power_iterations": config.integer("power_iterations", 1)}
    wanted = value["config"].get("activation", "linear")
    bare = (
        {**value, "config": {**value["config"], "activation": "linear"}} if "activation" in value["config"] else value
    )
    record = parse_layer(bare)
    name = scope_name(record.name)
    outcome = context.convert(record, context.weights.child("layer"), context.inputs, name)
    if not isinstance(outcome, Native):
        raise UnsupportedOption("wraps a layer that has to be rebuilt", layer=context.record.name, key="layer")
    context.config.override("activation", wanted)
    activation = read_activation(context)
    kernel = next(
        (context.weights.child("layer").slots[k] for k in KERNELS if k in context.weights.child("layer").slots), None
    )
    if kernel is None:
        raise UnsupportedOption("wraps a layer without a kernel", layer=context.record.name, key="layer")
    vector = context.weight(_vector(context.record), 1, kernel.shape[-1])
    if next(tensors(context.inputs)).dtype not in FLOATS:
        # Keras 3 casts the output back to the dtype of the input, here integers.
        context.note("dropped", "its vector: the normalised kernel is kept, and no longer normalised while training")
        return outcome
    settings["layer"] = outcome.layer
    layer = context.layer("SpectralNormalization", settings, [outcome.layer.variables[0], vector], layer=outcome.layer)
    if activation.apply is None and not activation.folds:
        outcome.layer.config["activation"] = activation.name
        if record.class_name == "Embedding":
            del outcome.layer.config["activation"]
        return Native(layer)

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        return activate(graph, graph.call(layer, inputs), activation, context.name, context.policy)

    return Composite(body)
