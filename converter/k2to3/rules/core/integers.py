"""Integers and booleans in layers that compute floats.

Measured for every layer that Keras 2 calls on integers at all: all others give the same in
Keras 3. Keras 2's normalisations cast their input; Keras 3's normalise in integers.
"""

from __future__ import annotations

from k2to3.errors import UnsupportedOption
from k2to3.keras2.model import LayerRecord
from k2to3.keras2.parse import parse_layer
from k2to3.keras3.graph import Graph, Structure, Tensor, tensors
from k2to3.keras3.layer import Layer
from k2to3.rules.common import policy

CASTING = frozenset({"LayerNormalization", "UnitNormalization"})
# Means of integers are integers in Keras 2, and floats in Keras 3.
TRUNCATING = frozenset({"GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalAveragePooling3D"})


def is_float(tensor: Tensor) -> bool:
    return tensor.dtype.startswith(("float", "bfloat"))


def as_floats(graph: Graph, record: LayerRecord, args: Structure, name: str) -> Structure:
    """The inputs of a call, cast where Keras 2 casts them.

    Raises:
        UnsupportedOption: a layer that computes with integers, and in Keras 3 does not.
    """
    kinds = {tensor.dtype for tensor in tensors(args) if not is_float(tensor)} - {"string"}
    if not kinds:
        return args
    subject = _innermost(record)
    _refuse(subject, record.name, kinds)
    if subject.class_name not in CASTING or not isinstance(args, Tensor):
        return args
    settings = {"scale": 1.0, "offset": 0.0}
    kind = policy(subject.config.get("dtype"), record.name)
    found = graph.call(Layer(graph.names.reserve(f"{name}_cast"), "Rescaling", settings, dtype=kind), args)
    found.mask = args.mask
    return found


def _innermost(record: LayerRecord) -> LayerRecord:
    """The layer itself, or what a TimeDistributed calls."""
    while record.class_name == "TimeDistributed" and isinstance(record.config.get("layer"), dict):
        record = parse_layer(record.config["layer"])
    return record


def _refuse(record: LayerRecord, name: str, kinds: set[str]) -> None:
    sloped = record.class_name == "ReLU" and any(record.config.get(key) for key in ("negative_slope", "threshold"))
    flags = record.class_name == "Multiply" and "bool" in kinds
    if record.class_name in TRUNCATING or sloped or flags:
        raise UnsupportedOption(
            f"{record.class_name} of {', '.join(sorted(kinds))} is computed otherwise in Keras 3", layer=name
        )
