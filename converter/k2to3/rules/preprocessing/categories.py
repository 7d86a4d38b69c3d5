"""Numbers and tokens to categories: bins, hashes, encodings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from k2to3.errors import UnsupportedOption, WeightMismatch
from k2to3.keras3.graph import Structure, Tensor
from k2to3.matching.slots import Slots
from k2to3.rules.language import Composite, Context, Described, Native, rule
from k2to3.rules.preprocessing.lookup import categorical, dense_output, output_mode
from k2to3.sources.json_text import Json
from k2to3.sources.tensors import Array

# `adapt` keeps about 1 / epsilon points; far beyond that a file is not honest.
MOST_POINTS = 1_000_000


@rule("CategoryEncoding", masks="drop")
def category_encoding(context: Context) -> Native:
    """`max_tokens` became `num_tokens`, `binary` became `multi_hot`; sparse outputs become dense.

    Refused: encodings without a fixed number of tokens, and tf-idf of TF 2.3 and 2.4.
    """
    config = context.config
    mode = output_mode(context, "multi_hot")
    tokens = config.take("max_tokens", None) if "max_tokens" in config else config.take("num_tokens", None)
    if tokens is None:
        raise UnsupportedOption("no fixed number of tokens", layer=context.record.name, key="num_tokens")
    if mode not in ("one_hot", "multi_hot", "count"):
        raise UnsupportedOption(f"value {mode!r}", layer=context.record.name, key="output_mode")
    dense_output(context)
    settings = {"num_tokens": int(tokens), "output_mode": mode}
    return Native(context.layer("CategoryEncoding", settings), arrange=_counted)


def _counted(args: Structure, kwargs: Mapping[str, Structure]) -> tuple[Structure, Mapping[str, Structure]]:
    found: dict[str, Structure] = {}
    for key, value in kwargs.items():
        if value is None or (key == "training" and not value):
            continue
        if key != "count_weights" or not isinstance(value, Tensor):
            raise UnsupportedOption(f"call argument with value {str(value)[:60]}", key=key)
        found[key] = value
    return args, found


def discretization_slots(layer: Described) -> Slots:
    adapted = layer.config.peek("bin_boundaries", layer.config.peek("bins")) is None
    return Slots(other=("summary",) if adapted else (), trainable=layer.record.trainable)


@rule("Discretization", slots=discretization_slots, masks="drop")
def discretization(context: Context) -> Native | Composite:
    """Boundaries that `adapt` found are computed from its summary and stand in the config.

    `bins` of TF 2.3 and 2.4 became `bin_boundaries`; sparse outputs become dense.
    """
    config = context.config
    mode = output_mode(context, "int")
    boundaries = config.take("bins", None) if "bins" in config else config.take("bin_boundaries", None)
    bins = config.take("num_bins", None)
    config.ignore("epsilon")
    if isinstance(boundaries, dict):
        boundaries = boundaries.get("value", boundaries.get("items"))
    if boundaries is None:
        boundaries = _adapted(context, int(bins or 0))
    dense_output(context)
    return categorical(context, "Discretization", {"bin_boundaries": boundaries, "output_mode": mode})


def _adapted(context: Context, bins: int) -> list[float]:
    """The one rule that reads a weight while planning: the boundaries are config in Keras 3."""
    if bins < 1:
        raise UnsupportedOption("neither boundaries nor a number of bins", layer=context.record.name, key="num_bins")
    summary = context.weight("summary", 2, None)
    if not 0 < summary.shape[1] <= MOST_POINTS:
        raise WeightMismatch(f"a summary of {summary.shape[1]} points", layer=context.record.name)
    context.note("rebuilt", "adapted: the boundaries are computed from its summary")
    context.note("dropped", "its summary, which only `adapt` needs")
    return [float(value) for value in bin_boundaries(summary.compute(), bins)]


def bin_boundaries(summary: Array, bins: int) -> Array:
    """Values at the cumulative weights 1/bins, 2/bins, ...

    Source: `get_bin_boundaries` and `compress` in
    tf_keras/src/layers/preprocessing/discretization.py.
    """
    epsilon = 1.0 / bins
    if summary.shape[1] * epsilon < 1:
        return summary[0, :-1]
    percents = epsilon + np.arange(0.0, 1.0, epsilon)
    weights = summary[1].cumsum()
    found: Any = np.interp(percents, weights / weights[-1], summary[0])
    return found.astype(np.float32)[:-1]  # type: ignore[no-any-return]


# `_DEFAULT_SALT_KEY` of TF 2.3 to 2.5, written for layers made without a salt.
DEFAULT_SALT = [0xDECAFCAFFE, 0xDECAFCAFFE]


@rule("Hashing", masks="drop")
def hashing(context: Context) -> Native | Composite:
    """Unchanged (FarmHash64, or SipHash64 with a salt); sparse outputs become dense.

    TF 2.3 and 2.4 wrote a salt for layers without one: they hash one way before saving, in
    training, and another way after loading. Refused.
    """
    config = context.config
    if config.peek("salt") == DEFAULT_SALT:
        raise UnsupportedOption(
            "TensorFlow 2.3 and 2.4 wrote this salt for layers made without one, and hash otherwise after loading",
            layer=context.record.name,
            key="salt",
            hint="in the old environment, give the layer a salt of your own, train and save again",
        )
    mode = output_mode(context, "int")
    settings: Json = {"num_bins": config.integer("num_bins"), "output_mode": mode}
    for key in ("salt", "mask_value"):
        value = config.take(key, None)
        if value is not None:
            settings[key] = value
    dense_output(context)
    return categorical(context, "Hashing", settings)


@rule("HashedCrossing", masks="drop")
def hashed_crossing(context: Context) -> Native | Composite:
    """Unchanged; sparse outputs become dense."""
    mode = str(context.config.take("output_mode", "int") or "int")
    settings = {"num_bins": context.config.integer("num_bins"), "output_mode": mode}
    dense_output(context)
    return categorical(context, "HashedCrossing", settings)
