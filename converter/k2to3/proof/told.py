"""What a judge is told of a file, by its stored config and its author: never by the plan, which is on trial."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from k2to3.errors import NotSpecified
from k2to3.keras2.model import Model
from k2to3.keras2.parse import layers_of, parse_model
from k2to3.keras3.naming import scope_name
from k2to3.proof.keras2.misreadings import misreadings
from k2to3.proof.keras2.reading import read_model
from k2to3.sources.author import Writer
from k2to3.sources.json_text import Json

HALF = {"float16": 11, "mixed_float16": 11, "bfloat16": 8, "mixed_bfloat16": 8}


@dataclass(frozen=True)
class ToldEmbedding:
    """What a file says of an Embedding; `dtype` is the policy under which it computes."""

    mask_zero: bool
    dtype: str


def authors_embeddings(model: Model) -> dict[str, ToldEmbedding]:
    """The Embeddings of a file by the names that they have in an archive.

    Those of one name that differ are left out, and all where names of the archive leave a doubt.
    """
    names: dict[str, set[str]] = {}
    found: dict[str, set[ToldEmbedding]] = {}
    for record in layers_of(model):
        clean = scope_name(record.name).replace(".", "_")
        names.setdefault(clean, set()).add(record.name)
        if record.class_name == "Embedding":
            told = ToldEmbedding(bool(record.config.get("mask_zero", False)), policy(record.config.get("dtype")))
            found.setdefault(clean, set()).add(told)
    if any(len(spellings) > 1 for spellings in names.values()):
        return {}
    return {name: told.pop() for name, told in found.items() if len(told) == 1}


def policy(value: Any) -> str:
    """A dtype policy by its name; an Embedding's whole-number dtype was that of its input."""
    if isinstance(value, dict):
        value = (value.get("config") or {}).get("name")
    named = isinstance(value, str) and value.removeprefix("mixed_") in ("float16", "bfloat16", "float32", "float64")
    return str(value) if named else "float32"


def authors_model(stored: Json, in_words: Json, writer: Writer) -> Model:
    """The model as the specification reads it, or where it does not, in the words that were made for all."""
    try:
        with misreadings([]):
            return read_model(stored, writer)
    except NotSpecified:
        return parse_model(in_words)


def half_precision(config: Json) -> int:
    """Bits of the mantissa, where the author computed in half precision: 8 (bfloat16) or 11; else 0."""
    text = json.dumps(config)
    return min((bits for policy, bits in HALF.items() if f'"{policy}"' in text), default=0)


def theano_margins(model: Model, theano: bool) -> bool:
    """Whether a layer pads 'same' on other sides on Theano than tf-keras would."""
    return theano and any(_pads_otherwise(record.class_name, record.config) for record in layers_of(model))


def _pads_otherwise(class_name: str, config: Json) -> bool:
    if config.get("padding") != "same":
        return False
    if "Pooling" in class_name:
        sizes = _numbers(config.get("pool_size", 2))
        strides = sizes if config.get("strides") is None else _numbers(config["strides"])
        return not all(size in (1, 3) for size in sizes) or any(stride > 1 for stride in strides)
    sizes, strides = _numbers(config.get("kernel_size", 1)), _numbers(config.get("strides", 1))
    if "Transpose" in class_name:
        return any(stride > 1 for stride in strides)
    rates = _numbers(config.get("dilation_rate", 1))
    rates = rates * len(sizes) if len(rates) == 1 else rates
    spans = [rate * (size - 1) + 1 for rate, size in zip(rates, sizes, strict=False)]
    return any(stride > 1 for stride in strides) or any(span % 2 == 0 for span in spans)


def _numbers(value: Any) -> list[int]:
    return [int(n) for n in value] if isinstance(value, (list, tuple)) else [int(value)]
