"""Classes of Keras 2 that nothing in Keras 3 can compute, each with its reason."""

from __future__ import annotations

from typing import NoReturn

from k2to3.errors import UnsupportedLayer
from k2to3.keras2.model import LayerRecord
from k2to3.matching.slots import Slots
from k2to3.rules.language import Composite, Context, Described, Native, rule

ABSTRACT = "is an abstract base class, which computes nothing by itself"
REASONS: dict[str, tuple[str, str]] = {
    "CategoryCrossing": (
        "joins strings, which Keras 3 cannot; HashedCrossing joins them in another way",
        "cross the columns before the model",
    ),
    "SequenceFeatures": ("takes SparseTensors of feature columns", "rebuild its columns from Embedding layers"),
    "FeatureSpace": ("is saved in files of its own, never in HDF5", "rebuild it as keras.utils.FeatureSpace"),
    "DynamicEmbedding": ("keeps its vocabulary in a hash table, which HDF5 files lack", "use StringLookup, Embedding"),
    "DynamicLookup": ("keeps its vocabulary in a hash table, which HDF5 files lack", "use StringLookup"),
    **dict.fromkeys(
        ("ConvLSTMCell", "ConvLSTM1DCell", "ConvLSTM2DCell", "ConvLSTM3DCell"),
        ("stands in an RNN, where Keras 3 has no convolutional cell", "use the ConvLSTM layer of that rank"),
    ),
    **dict.fromkeys(
        ("BasicLSTMCell", "MultiRNNCell"),
        ("is a cell of tf.nn with gates in another order, which Keras never serialised", "use LSTMCell"),
    ),
    **dict.fromkeys(
        ("SReLU", "ParametricSoftplus"),
        ("left Keras with version 2; no built-in activation has its weights", "rebuild it from ops"),
    ),
    "ModuleWrapper": ("wraps a tf.Module whose code is not in the file", "save its weights and rebuild it"),
    "SharpnessAwareMinimization": ("is a way of training around a model", "save the model inside it"),
    **dict.fromkeys(
        ("Wrapper", "AbstractRNNCell", "BaseRandomLayer", "PreprocessingLayer"),
        (ABSTRACT, "its subclass is a custom layer"),
    ),
}


def _refuse(record: LayerRecord) -> NoReturn:
    reason, hint = REASONS[record.class_name]
    raise UnsupportedLayer(f"{record.class_name} {reason}", layer=record.name, hint=hint)


def no_slots(layer: Described) -> Slots:
    """Raised here already: weights are matched before any rule runs."""
    _refuse(layer.record)


@rule(*REASONS, slots=no_slots)
def refused(context: Context) -> Native | Composite:
    """Refused by name, each with its reason and a way out."""
    _refuse(context.record)
