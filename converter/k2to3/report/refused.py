"""What Keras 3's own loader says of a file, in the words that people paste into a search."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from k2to3.findings import Finding
from k2to3.keras2.model import Model

DEPTHWISE = ("DepthwiseConv1D", "DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D")
GONE: Mapping[str, tuple[str, ...]] = {
    "groups": (*DEPTHWISE, "Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"),
    "time_major": ("LSTM", "GRU", "SimpleRNN", "ConvLSTM2D"),
}
"""Keys that TensorFlow wrote whatever their value, and that the class of Keras 3 does not take."""


NESTED = "The graph of the Functional model either has loops or disconnected nodes"


def refused_by_keras3(model: Model) -> Iterator[Finding]:
    """A finding for each layer that Keras 3 stumbles over; nested models' and wrapped layers too."""
    used = {ref.layer for record in model.layers for call in record.calls for ref in call.refs()}
    for record in model.layers:
        if record.model is not None:
            if record.calls_from and record.name in used:
                yield Finding("renamed", record.name, record.class_name, _nested(record.calls_from))
            yield from refused_by_keras3(record.model)
            continue
        for class_name, config in _with_inner(record.class_name, record.config):
            for key, classes in GONE.items():
                if class_name in classes and key in config:
                    yield Finding("dropped", record.name, record.class_name, _said(class_name, key, config[key]))


def _with_inner(class_name: str, config: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield class_name, config
    inner = config.get("layer")
    if isinstance(inner, dict) and isinstance(inner.get("config"), dict):
        yield from _with_inner(str(inner.get("class_name")), inner["config"])


def _said(class_name: str, key: str, value: Any) -> str:
    said = f"Unrecognized keyword arguments passed to {class_name}: {{{key!r}: {value!r}}}"
    return f"{key!r}, which Keras 3 refuses: {said}"


def _nested(first: int) -> str:
    return f"its calls are counted from 0; from {first}, as in the file, Keras 3 refuses: {NESTED}"
