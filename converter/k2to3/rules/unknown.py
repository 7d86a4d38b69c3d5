"""What to say about a class that no rule knows."""

from __future__ import annotations

from k2to3.errors import UnsupportedLayer
from k2to3.keras2.model import OP_LAYERS, LayerRecord
from k2to3.rules.registry import built_in

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
    if name.rsplit(">", 1)[-1] == "CRF":
        return "decoding a CRF needs Viterbi's algorithm, which no built-in layer has; convert the model in front of it"
    known = others_named(name)
    text = "a custom layer, whose code is not in the file: give --custom-objects or --rules"
    return f"{text}; or, if it is that one, --treat-as {name}={known[0]}" if known else text


def others_named(name: str) -> list[str]:
    """Classes with a rule that have the same name in another package."""
    short = name.rsplit(">", 1)[-1]
    return [other for other in built_in() if other != name and other.rsplit(">", 1)[-1] == short]
