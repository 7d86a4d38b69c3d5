"""From an architecture to the model that the specification runs."""

from __future__ import annotations

from k2to3.graph.model import Model
from k2to3.graph.parse import parse_model
from k2to3.proof.keras2.keras1 import words
from k2to3.source.json_text import Json
from k2to3.source.writer import Writer


def read_model(config: Json, writer: Writer) -> Model:
    """The normal form; of Keras 1 in the words of Keras 2, read here on its own."""
    return parse_model(words.model(config) if writer.keras1 else config)
