"""What to say about a class that no rule knows."""

from __future__ import annotations

from shlex import quote

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


# What helps with layers that many people have; LAYER stands for one that the reader knows.
WAYS = {
    "CRF": "decoding a CRF needs Viterbi's algorithm, which no built-in layer has; --outputs LAYER converts up to it",
    **dict.fromkeys(
        ("ArcFace", "AdaCos", "CosFace", "SphereFace", "ArcMarginProduct", "ArcMarginPenaltyLogists"),
        "it is a head for training: --outputs LAYER converts up to the embedding; else --custom-objects or --rules",
    ),
    **dict.fromkeys(
        ("QuantizeLayer", "QuantizeWrapper", "QuantizeWrapperV2", "QuantizeAnnotate"),
        "convert the model as it was before tfmot.quantization.keras.quantize_model; else --custom-objects or --rules",
    ),
    **dict.fromkeys(
        ("ClipBoxes", "RegressBoxes", "FilterDetections", "ProposalLayer", "DetectionLayer", "DetectionTargetLayer"),
        "boxes are no part of the network: --outputs LAYER,LAYER converts up to them; else --custom-objects or --rules",
    ),
}


def _way_out(name: str) -> str:
    if (known_way := WAYS.get(name.rsplit(">", 1)[-1])) is not None:
        return known_way
    known = others_named(name)
    text = "a custom layer, whose code is not in the file: give --custom-objects or --rules"
    return f"{text}; or, if it is that one, --treat-as {quote(name)}={quote(known[0])}" if known else text


def others_named(name: str) -> list[str]:
    """Classes with a rule that have the same name in another package."""
    short = name.rsplit(">", 1)[-1]
    return [other for other in built_in() if other != name and other.rsplit(">", 1)[-1] == short]
