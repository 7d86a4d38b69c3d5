"""Dense gradients for Embeddings: a bug of Keras 3 on TensorFlow, worked around.

TensorFlow gives the gradient of an Embedding as one slice per token. Keras 3 applies
`square` to the slices as they are, so that a token that occurs twice in a batch adds
`a² + b²` to its accumulator instead of `(a + b)²`. JAX, PyTorch and Keras 2 add first. A
penalty of 0 × the squared table changes no value, but makes the gradient dense.
Source: `elementwise_unary` in keras/src/backend/tensorflow/sparse.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from k2to3.archive.serialise import Serialiser
from k2to3.findings import Finding
from k2to3.keras3.graph import Submodel
from k2to3.keras3.layer import Layer
from k2to3.training.record import Optimizer

# These take the gradient as a whole, or add it to something dense first.
LINEAR = frozenset({"SGD", "Lion", "Ftrl"})
PENALTY = {
    "module": "keras.regularizers",
    "class_name": "L2",
    "config": {"l2": 0.0},
    "registered_name": None,
}


def densify(optimizer: Optimizer, model: Submodel, serialiser: Serialiser, findings: list[Finding]) -> None:
    """Give every trained Embedding a dense gradient where it matters."""
    if (optimizer.inner or optimizer).class_name in LINEAR and not _clips(optimizer.inner or optimizer):
        return
    for layer in dict.fromkeys(_embeddings(model, serialiser)):
        if layer.trainable and layer.config.get("embeddings_regularizer") is None:
            layer.config["embeddings_regularizer"] = PENALTY
            text = (
                "Keras 3 on TensorFlow squares the gradients of repeated tokens one by one; a penalty of 0 prevents it"
            )
            findings.append(Finding("drift", layer.name, layer.class_name, text))


def _clips(optimizer: Optimizer) -> bool:
    return any(optimizer.config[key] is not None for key in ("clipnorm", "clipvalue", "global_clipnorm"))


def _embeddings(layer: Layer, serialiser: Serialiser) -> Iterator[Layer]:
    if layer.class_name == "Embedding":
        yield layer
    if isinstance(layer, Submodel):
        for child in serialiser.close(layer).layers:
            yield from _embeddings(child, serialiser)
    for _, child in layer.sublayers():
        yield from _embeddings(child, serialiser)
