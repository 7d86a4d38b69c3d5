"""From an architecture to the model that the specification runs."""

from __future__ import annotations

from k2to3.keras2.model import Model
from k2to3.keras2.parse import parse_model
from k2to3.proof.keras2.keras1 import words
from k2to3.sources.author import Writer
from k2to3.sources.json_text import Json


def read_model(config: Json, writer: Writer) -> Model:
    """The normal form; of Keras 1 in the words of Keras 2, read here on its own.

    Weights of Keras 1 may come with an architecture that was ported, and says so.
    """
    ported = str(config.get("keras_version", "")).startswith("2")
    return parse_model(words.model(config) if writer.keras1 and not ported else config)
