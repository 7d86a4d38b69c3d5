"""Attention layers."""

from __future__ import annotations

from k2to3.keras3.layers.built import features
from k2to3.keras3.layers.facts import LayerFacts, Rows, Takes, Use, computed, passes
from k2to3.keras3.types import Shape


def attended(use: Use) -> list[Shape]:
    query, value = use.shapes[:2]
    found: list[Shape] = [(*query[:-1], value[-1])]
    if use.kwargs.get("return_attention_scores"):
        found.append((*query[:-1], value[1]))
    return found


def additively_attended(use: Use) -> list[Shape]:
    return [(*use.shapes[0][:-1], use.shapes[1][-1])]


def multi_head(use: Use) -> list[Shape]:
    output = use.config.get("output_shape")
    tail = output if isinstance(output, list) else [output]
    found = [use.shape if output is None else (*use.shape[:-1], *tail)]
    return found + _scores(use)


def _scores(use: Use) -> list[Shape]:
    if not use.kwargs.get("return_attention_scores"):
        return []
    query = use.shape
    axes = use.config.get("attention_axes") or list(range(1, len(query) - 1))
    source = use.kwargs.get("key") or use.kwargs["value"]
    extents = [query[axis] for axis in axes] + [source.shape[axis] for axis in axes]
    return [(query[0], use.config["num_heads"], *extents)]


def of_all(use: Use) -> Shape:
    """The features of the query, the value and the key."""
    value = use.kwargs["value"]
    return tuple(shape[-1] for shape in (use.shape, value.shape, (use.kwargs.get("key") or value).shape))


ROWS: Rows = {
    "AdditiveAttention": LayerFacts(
        outputs=additively_attended, dtype=computed, mask=passes, takes=Takes.EACH, masked_since=7, built=features
    ),
    "Attention": LayerFacts(outputs=attended, dtype=computed, mask=passes, takes=Takes.EACH, masked_since=7),
    "MultiHeadAttention": LayerFacts(
        outputs=multi_head,
        dtype=computed,
        mask=passes,
        takes=Takes.NAMED,
        built=of_all,
        keys_since={"seed": 4, "flash_attention": 7},
        without_integers=("torch",),
    ),
}
