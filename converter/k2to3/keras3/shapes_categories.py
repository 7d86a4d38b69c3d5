"""Shapes of the layers that turn values into categories."""

from __future__ import annotations

from k2to3.keras3.layer import Layer
from k2to3.keras3.types import Shape


def encoded(layer: Layer, shape: Shape, width: int | None) -> Shape:
    """Output of an `output_mode`: indices keep the shape, encodings end in `width`."""
    mode = layer.config.get("output_mode", "int")
    if mode == "int":
        return shape
    if mode == "one_hot":
        return (*(shape[:-1] if shape and shape[-1] == 1 else shape), width)
    return (*shape[:-1], width) if len(shape) > 1 else (*shape, width)


def _lookup(layer: Layer, shapes: list[Shape]) -> Shape:
    config = layer.config
    if config.get("pad_to_max_tokens"):
        return encoded(layer, shapes[0], config["max_tokens"])
    return encoded(layer, shapes[0], None)


def _text(layer: Layer, shapes: list[Shape]) -> Shape:
    shape = shapes[0]
    if layer.config.get("split") is not None:
        rows = shape[:-1] if len(shape) > 1 else shape
        shape = (*rows, layer.config.get("output_sequence_length"))
    return _lookup(layer, [shape])


def _bins(layer: Layer, shapes: list[Shape]) -> Shape:
    return encoded(layer, shapes[0], layer.config["num_bins"])


CATEGORIES = {
    "StringLookup": _lookup,
    "IntegerLookup": _lookup,
    "TextVectorization": _text,
    "CategoryEncoding": lambda layer, shapes: encoded(layer, shapes[0], layer.config["num_tokens"]),
    "Discretization": lambda layer, shapes: encoded(layer, shapes[0], len(layer.config["bin_boundaries"]) + 1),
    "Hashing": _bins,
    "HashedCrossing": _bins,
}
