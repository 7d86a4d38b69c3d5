"""What to say about a class that no rule knows."""

from __future__ import annotations

from k2to3.errors import UnsupportedLayer
from k2to3.keras2.model import OP_LAYERS, LayerRecord
from k2to3.rules.base import registry

# Refused for what they are, not for want of the author's code.
KNOWN_REFUSALS = OP_LAYERS | {"KerasLayer"}


def unsupported(record: LayerRecord) -> UnsupportedLayer:
    """The error for a layer without a rule, with the way out."""
    name = record.class_name
    if name == "KerasLayer":
        return UnsupportedLayer(
            f"a TF-Hub layer ({record.config.get('handle')})",
            layer=record.name,
            hint="its weights are not in the file",
        )
    return UnsupportedLayer(f"no rule for layer class {name!r}", layer=record.name, hint=_way_out(name))


def _way_out(name: str) -> str:
    short = name.rsplit(">", 1)[-1]
    if short == "CRF":
        return "decoding a CRF needs Viterbi's algorithm, which no built-in layer has; convert the model in front of it"
    known = [other for other in registry() if other != name and other.rsplit(">", 1)[-1] == short]
    text = "a custom layer, whose code is not in the file: give --custom-objects or --rules"
    return f"{text}; or, if it is that one, --treat-as {name}={known[0]}" if known else text
