"""What Keras 3 does with masks by itself.

Read from `supports_masking`, `compute_mask` and the `call` signatures of Keras 3.15.
"""

from __future__ import annotations

from k2to3.keras3 import masks
from k2to3.keras3.layer import Layer, Operation, Submodel
from k2to3.keras3.masks import Mask

RECURRENT = frozenset({"LSTM", "GRU", "SimpleRNN", "RNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "Bidirectional"})
MERGING = frozenset({"Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"})
PASSING = frozenset(
    {
        "Activation",
        "ActivityRegularization",
        "AlphaDropout",
        "BatchNormalization",
        "Dense",
        "Dropout",
        "ELU",
        "GaussianDropout",
        "GaussianNoise",
        "GroupNormalization",
        "Identity",
        "LayerNormalization",
        "LeakyReLU",
        "MultiHeadAttention",
        "Normalization",
        "PReLU",
        "ReLU",
        "Rescaling",
        "Softmax",
        "SpatialDropout1D",
        "SpatialDropout2D",
        "SpatialDropout3D",
        "TimeDistributed",
        "UnitNormalization",
    }
)
# Layers whose `call` takes `mask` and fills it from the first input when it is not given.
TAKES_MASK = RECURRENT | {
    "TimeDistributed",
    "GlobalAveragePooling1D",
    "Softmax",
    "BatchNormalization",
}
TAKES_LIST = frozenset({"Attention", "AdditiveAttention"})
# Layers that put masked elements of one input in place of those of the other, unasked
# (`_apply_merge_op_and_or_mask`); in Keras 2 a mask never changed what they compute.
APPLIES_MASKS = frozenset({"Multiply", "Maximum", "Minimum"})
TAKES_NAMED = frozenset({"MultiHeadAttention"})


def takes_mask(layer: Operation) -> bool:
    """Whether `call` has an argument `mask` that Keras 3 fills from the first input."""
    custom = getattr(layer, "custom", None)
    return bool(custom.takes_mask) if custom is not None else layer.class_name in TAKES_MASK


def takes_masks(layer: Operation) -> bool:
    """As `takes_mask`, with one mask per input."""
    return getattr(layer, "custom", None) is None and layer.class_name in TAKES_LIST


def attached(autos: list[Mask | None], explicit: object, node: object) -> list[Mask | None]:
    """The masks that Keras 3 takes the inputs of a call to have.

    An argument `mask` counts as one since 3.11; before, only what hangs on the tensor does
    (`Layer.__call__`, `previous_mask`). Where the two differ the mask is unknown.
    """
    given = list(explicit) if isinstance(explicit, (list, tuple)) else [explicit]
    given += [None] * (len(autos) - len(given))
    return [
        masks.unknown(node) if mask is not None and mask != auto else auto
        for auto, mask in zip(autos, given, strict=False)
    ]


def output_mask(layer: Layer, first: Mask | None, inputs: list[Mask | None], ids: object) -> Mask | None:
    """The mask that Keras 3 attaches to the first output of `layer`."""
    name = layer.class_name
    if layer.custom is not None:
        return first if layer.custom.passes_mask else None
    if name == "Embedding" and layer.config.get("mask_zero"):
        return masks.nonzero(ids)  # type: ignore[arg-type]
    if name == "Masking":
        return masks.masking(ids, layer.config.get("mask_value", 0.0))  # type: ignore[arg-type]
    if name in RECURRENT:
        return first if _returns_sequences(layer) else None
    if name in MERGING or isinstance(layer, Submodel):
        return masks.unknown(layer) if any(m is not None for m in inputs) else None
    if name in PASSING or name in TAKES_LIST:
        return first
    return None


def _returns_sequences(layer: Layer) -> bool:
    inner = layer.children.get("forward_layer")
    if isinstance(inner, Layer):
        return _returns_sequences(inner)
    return bool(layer.config.get("return_sequences"))
