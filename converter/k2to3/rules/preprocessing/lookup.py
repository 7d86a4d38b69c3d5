"""Vocabulary layers. Their tables stand in the config since TF 2.8 or so; before that HDF5
files hold no vocabulary at all, and Keras 2 refused to save adapted ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from shlex import quote
from typing import Any

from k2to3.errors import UnsupportedOption
from k2to3.keras2.config import Config
from k2to3.keras3 import ops
from k2to3.keras3.graph import Graph, Structure
from k2to3.keras3.layer import Layer
from k2to3.matching.slots import Slots
from k2to3.rules.language import Composite, Context, Described, Native, rule
from k2to3.sources.json_text import Json

MODES = {"binary": "multi_hot", "tf-idf": "tf_idf"}


def lookup_slots(layer: Described) -> Slots:
    """tf-idf weights stand in the config and once more in the file, as a variable without a name."""
    weighted = MODES.get(str(layer.config.peek("output_mode")), layer.config.peek("output_mode")) == "tf_idf"
    return Slots(other=("Variable",) if weighted else (), trainable=layer.record.trainable)


def vocabulary(context: Context, settings: Json) -> None:
    """Add the vocabulary to `settings`.

    Raises:
        UnsupportedOption: it is not in the file, or the file only names another file.
    """
    found = context.config.take("vocabulary", None)
    if isinstance(found, dict):
        found = found.get("value", found.get("items"))
    if not isinstance(found, list) or not found:
        where = "only the path of a vocabulary file" if isinstance(found, str) else "no vocabulary"
        raise UnsupportedOption(
            f"the checkpoint holds {where}",
            layer=context.record.name,
            key="vocabulary",
            hint=f"give it: --vocabulary {quote(context.record.name)}=FILE, one token a line",
        )
    if context.record.name in context.conversion.options.vocabularies:
        context.note("accepted", f"its vocabulary is the one given, {len(found)} tokens")
    settings["vocabulary"] = found
    # Also in the config, but without those of out-of-vocabulary tokens.
    context.config.ignore("idf_weights", "vocabulary_size", "has_input_vocabulary")


def output_mode(context: Context, default: str) -> str:
    mode = context.config.take("output_mode", default)
    mode = MODES.get(mode, mode)
    # One value per sample: the same numbers, and Keras 3.3 keeps the axis under one_hot.
    single = len(context.shape) == 2 and context.shape[-1] == 1
    return "multi_hot" if mode == "one_hot" and single else mode


def dense_output(context: Context) -> None:
    """`sparse=True` only chose another container for the same numbers."""
    if context.config.take("sparse", False):
        context.note("drift", "sparse=True: the same numbers in a dense tensor")


def plain_policy(context: Context, mode: str) -> bool:
    """Indices are integers under any policy; Keras 3 gives other outputs as float32 only.

    Returns whether the output is to be cast to float64; hits and counts are exact in both.
    """
    wide = mode in ("multi_hot", "one_hot", "count") and context.policy == "float64"
    if mode != "int" and not wide and context.policy not in (None, "mixed_float16", "mixed_bfloat16"):
        raise UnsupportedOption(f"policy {context.policy!r}", layer=context.record.name, key="dtype")
    context.policy = None
    return wide


def widened(layer: Layer) -> Composite:
    """The layer, and its output as float64."""

    def body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        return ops.cast(graph, graph.call(layer, inputs), "float64")

    return Composite(body)


def categorical(context: Context, class_name: str, settings: Json) -> Native | Composite:
    """A layer without weights whose `output_mode` stands in `settings`, under the policy of the layer."""
    wide = plain_policy(context, settings["output_mode"])
    layer = context.layer(class_name, settings)
    return widened(layer) if wide else Native(layer)


@rule("StringLookup", "IntegerLookup", "IndexLookup", slots=lookup_slots, masks="drop")
def lookup(context: Context) -> Native | Composite:
    """The vocabulary is kept as a list in the config; sparse outputs become dense.

    Refused: a vocabulary that is not in the file (before TF 2.8, or given as a path), unless
    it is given (`--vocabulary`).
    """
    config = context.config
    mode = output_mode(context, "int")
    kind = str(config.take("vocabulary_dtype", "int64" if context.record.class_name == "IntegerLookup" else "string"))
    strings = kind == "string"
    settings: Json = {"output_mode": mode}
    for key, old, default in (
        ("max_tokens", "max_values", None),
        ("num_oov_indices", None, 1),
        ("oov_token", "oov_value", "[UNK]" if strings else -1),
        ("mask_token", "mask_value", None),
        ("invert", None, False),
        ("pad_to_max_tokens", None, False),
    ):
        settings[key] = _renamed(config, key, old, default)
    vocabulary(context, settings)
    config.drop("encoding", "utf-8", None)
    dense_output(context)
    wide = plain_policy(context, mode)
    if not strings:
        settings["vocabulary_dtype"] = kind
    layer = context.layer("StringLookup" if strings else "IntegerLookup", settings)
    return widened(layer) if wide else weighted(context, layer)


def weighted(context: Context, layer: Layer) -> Native | Composite:
    """tf_idf as counts times weights, which Keras 3 releases keep in different places.

    The weights become config, as in Keras 2, so they are read while planning; the config's
    own lack those of unknown tokens.
    """
    if layer.config["output_mode"] != "tf_idf":
        return Native(layer)
    weights = context.weight("Variable", None)
    layer.config["output_mode"] = "count"
    settings = {"scale": [float(value) for value in weights.compute()], "offset": 0.0}
    scale = context.layer("Rescaling", settings, name=f"{context.name}_idf")
    context.note("rebuilt", "tf_idf: counts times the stored weights")
    context.note("dropped", "its stored tf-idf weights: they stand in the config")
    return Composite(lambda graph, inputs, _: graph.call(scale, graph.call(layer, inputs)))


def _renamed(config: Config, key: str, old: str | None, default: Any) -> Any:
    """TF 2.3 to 2.5 called the tokens of an IntegerLookup values."""
    if old is not None and old in config and key not in config:
        return config.take(old)
    return config.take(key, default)


@rule("TextVectorization", slots=lookup_slots, masks="drop")
def text_vectorization(context: Context) -> Native | Composite:
    """The vocabulary is kept as a list in the config.

    Refused: custom functions, ragged outputs, tokens as outputs, a vocabulary that is neither in the file nor given.
    """
    config = context.config
    if config.peek("output_mode", "int") is None:
        raise UnsupportedOption("gives the tokens themselves", layer=context.record.name, key="output_mode")
    mode = output_mode(context, "int")
    settings: Json = {"output_mode": mode}
    for key, default, allowed in (
        ("standardize", "lower_and_strip_punctuation", ("lower_and_strip_punctuation", "lower", "strip_punctuation")),
        ("split", "whitespace", ("whitespace", "character")),
    ):
        value = config.take(key, default)
        if value is not None and value not in allowed:
            raise UnsupportedOption("a function of its own", layer=context.record.name, key=key)
        settings[key] = value
    for key in ("max_tokens", "ngrams", "output_sequence_length"):
        settings[key] = config.take(key, None)
    # Before TF 2.6 the default was True, but the key was always written.
    settings["pad_to_max_tokens"] = config.flag("pad_to_max_tokens", False)
    if config.take("ragged", False):
        raise UnsupportedOption(
            "gives ragged tensors, which Keras 3's Dense and recurrent layers do not take",
            layer=context.record.name,
            key="ragged",
            hint="in the old environment, build the model with ragged=False, which pads with zeros",
        )
    vocabulary(context, settings)
    config.drop("encoding", "utf-8", None)
    dense_output(context)
    wide = plain_policy(context, mode)
    layer = context.layer("TextVectorization", settings)
    return widened(layer) if wide else weighted(context, layer)
