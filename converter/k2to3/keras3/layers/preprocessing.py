"""Layers that turn values into categories, and those for images."""

from __future__ import annotations

from k2to3.keras3.layer import Layer
from k2to3.keras3.layers.facts import LayerFacts, Outputs, Rows, Use, computed, drops, passes, same
from k2to3.keras3.policy import compute_dtype
from k2to3.keras3.types import Shape


def encoded(use: Use, shape: Shape, width: int | None) -> list[Shape]:
    """Output of an `output_mode`: indices keep the shape, encodings end in `width`."""
    mode = use.config.get("output_mode", "int")
    if mode == "int":
        return [shape]
    if mode == "one_hot":
        return [(*(shape[:-1] if shape and shape[-1] == 1 else shape), width)]
    return [(*shape[:-1], width) if len(shape) > 1 else (*shape, width)]


def looked_up(use: Use) -> list[Shape]:
    return encoded(use, use.shape, _padded_width(use))


def vectorised(use: Use) -> list[Shape]:
    shape = use.shape
    if use.config.get("split") is not None:
        rows = shape[:-1] if len(shape) > 1 else shape
        shape = (*rows, use.config.get("output_sequence_length"))
    return encoded(use, shape, _padded_width(use))


def _padded_width(use: Use) -> int | None:
    width: int | None = use.config["max_tokens"] if use.config.get("pad_to_max_tokens") else None
    return width


def counted(use: Use) -> list[Shape]:
    return encoded(use, use.shape, use.config["num_tokens"])


def binned(use: Use) -> list[Shape]:
    return encoded(use, use.shape, use.config["num_bins"])


def bounded(use: Use) -> list[Shape]:
    return encoded(use, use.shape, len(use.config["bin_boundaries"]) + 1)


def resized(use: Use) -> list[Shape]:
    return [(*use.shape[:-3], use.config["height"], use.config["width"], use.shape[-1])]


def indices(layer: Layer, first: str | None) -> str:
    """Whole numbers where the mode is `int` or not given."""
    if layer.config.get("invert"):
        return "string" if layer.class_name == "StringLookup" else "int64"
    return "int64" if layer.config.get("output_mode") in ("int", None) else compute_dtype(layer.dtype)


def _categories(outputs: Outputs, tensorflow_only: bool = False, **keys: int) -> LayerFacts:
    return LayerFacts(
        outputs=outputs,
        dtype=indices,
        mask=drops,
        categories=True,
        tensorflow_only=tensorflow_only,
        keys_since=keys,
        takes_trainable=False,
    )


def _augmentation(since: int = 3, **keys: int) -> LayerFacts:
    return LayerFacts(outputs=same, dtype=computed, mask=drops, since=since, keys_since=keys)


ROWS: Rows = {
    "CategoryEncoding": LayerFacts(outputs=counted, dtype=computed, mask=drops, categories=True, takes_trainable=False),
    "CenterCrop": LayerFacts(outputs=resized, dtype=computed, mask=drops),
    "Discretization": _categories(bounded),
    "Equalization": _augmentation(since=8),
    "HashedCrossing": _categories(binned, tensorflow_only=True),
    "Hashing": _categories(binned, tensorflow_only=True),
    "IntegerLookup": _categories(looked_up, oov_method=15, salt=15),
    "Normalization": LayerFacts(outputs=same, dtype=computed, mask=passes, untrained=3),
    "RandomBrightness": _augmentation(data_format=6),
    "RandomContrast": _augmentation(data_format=6, value_range=8),
    "RandomErasing": _augmentation(since=9),
    "RandomFlip": _augmentation(data_format=6),
    "RandomRotation": _augmentation(),
    "RandomShear": _augmentation(since=8),
    "RandomTranslation": _augmentation(),
    "RandomZoom": _augmentation(),
    "Rescaling": LayerFacts(outputs=same, dtype=computed, mask=passes),
    "Resizing": LayerFacts(outputs=resized, dtype=computed, mask=drops, keys_since={"antialias": 9}),
    "StringLookup": _categories(looked_up, tensorflow_only=True, oov_method=15, salt=15),
    "TextVectorization": _categories(vectorised, tensorflow_only=True),
}
