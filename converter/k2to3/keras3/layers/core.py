"""Core layers and models."""

from __future__ import annotations

from k2to3.keras3 import masks as mask_of
from k2to3.keras3.layer import Layer
from k2to3.keras3.layers.built import features, in_kernel
from k2to3.keras3.layers.facts import LayerFacts, Rows, Takes, Use, computed, drops, joins, kept, passes, same
from k2to3.keras3.tensor import Mask, Tensor
from k2to3.keras3.types import Shape


def dense(use: Use) -> list[Shape]:
    return [(*use.shape[:-1], use.config["units"])]


def embedded(use: Use) -> list[Shape]:
    return [(*use.shape, use.config["output_dim"])]


def einsum(use: Use) -> list[Shape]:
    output = use.config["output_shape"]
    output = list(output) if isinstance(output, (list, tuple)) else [output]
    inputs, result = use.config["equation"].split("->")
    taken, given = (len(term.replace("...", "")) for term in (inputs.split(",")[0], result))
    spread = len(use.shape) - taken
    if result.endswith("..."):
        return [(*use.shape[: given - len(output)], *output, *use.shape[taken:])]
    return [(*use.shape[: spread + given - len(output)], *output)]


def of_tokens(layer: Layer, masks: list[Mask | None], first: Tensor | None) -> Mask | None:
    """`Embedding(mask_zero=True)`: token 0 is padding."""
    return mask_of.nonzero(first) if layer.config.get("mask_zero") and first is not None else None


def of_features(layer: Layer, masks: list[Mask | None], first: Tensor | None) -> Mask | None:
    """`Masking`: a step whose features all equal the value is padding."""
    assert first is not None
    return mask_of.masking(first, layer.config.get("mask_value", 0.0))


# A model's outputs are those of its graph; its automatic masks are made inside.
MODEL = LayerFacts(outputs=same, dtype=computed, mask=joins, takes=Takes.INSIDE, hands_trainable_down=True)

ROWS: Rows = {
    "Dense": LayerFacts(outputs=dense, dtype=computed, mask=passes, built=features),
    "EinsumDense": LayerFacts(outputs=einsum, dtype=computed, mask=drops, built=in_kernel, without_integers=("torch",)),
    "Embedding": LayerFacts(outputs=embedded, dtype=computed, mask=of_tokens),
    "Functional": MODEL,
    "Identity": LayerFacts(outputs=same, dtype=kept, mask=passes),
    "InputLayer": LayerFacts(
        outputs=same,
        dtype=kept,
        mask=drops,
        keys_since={"optional": 4, "ragged": 9},
        takes_trainable=False,
        takes_dtype=False,
    ),
    "Masking": LayerFacts(outputs=same, dtype=computed, mask=of_features),
    "Sequential": MODEL,
}
