"""What to say about a class that no rule knows."""

from __future__ import annotations

from k2to3.errors import UnsupportedLayer
from k2to3.graph.model import LayerRecord

TF_OPS = frozenset({"TFOpLambda", "SlicingOpLambda", "ClassMethod", "InstanceMethod", "InstanceProperty"})


def unsupported(record: LayerRecord) -> UnsupportedLayer:
    """The error for a layer without a rule, with the way out."""
    name = record.class_name
    if name == "Lambda":
        return UnsupportedLayer(
            "a Lambda layer holds Python bytecode, which is never executed",
            layer=record.name,
            hint="rebuild it from built-in layers in the old environment and save again",
        )
    if name in TF_OPS or name == "TensorFlowOpLayer":
        symbol = record.config.get("function") or record.config.get("attr_name") or name
        return UnsupportedLayer(
            f"a raw TensorFlow operation ({symbol})",
            layer=record.name,
            hint="replace it by a Keras layer in the old environment and save again",
        )
    return UnsupportedLayer(
        f"no rule for layer class {name!r}",
        layer=record.name,
        hint="a custom layer: its code is not in the file",
    )
