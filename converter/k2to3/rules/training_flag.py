"""`training` among the arguments of a call.

A Functional model of Keras 3 overrules it: `predict()` passes False to every layer. So `True`
goes where it changes nothing, and is refused or rebuilt where it does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k2to3.errors import UnsupportedOption
from k2to3.findings import Finding
from k2to3.keras2.model import OP_LAYERS, LayerRecord
from k2to3.keras2.parse import parts
from k2to3.keras3.graph import Structure, Tensor
from k2to3.keras3.layer import Layer
from k2to3.rules.language import Conversion

RANDOM = frozenset(
    {
        "Dropout",
        "AlphaDropout",
        "GaussianDropout",
        "GaussianNoise",
        "SpatialDropout1D",
        "SpatialDropout2D",
        "SpatialDropout3D",
    }
)


def layer_call_settings(layer: Layer, kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Call arguments that are plain settings.

    Raises:
        UnsupportedOption: an argument that this layer is not known to take.
    """
    settings: dict[str, Any] = {}
    for key, value in kwargs.items():
        if value is None or key == "mask":
            continue
        if key == "training":
            settings.update(training_setting(layer.class_name, value))
        else:
            raise UnsupportedOption(f"call argument with value {_show(value)}", key=key)
    return settings


def training_setting(class_name: str, value: Any) -> dict[str, Any]:
    """`training=False` is kept; `True` would make Keras 3 ignore it under `predict()`."""
    if isinstance(value, Tensor):
        raise UnsupportedOption("training is a tensor", key="training")
    if not value:
        return {"training": False}
    hint = "--accept-noise-off converts it: noise in training only, none at inference" if class_name in RANDOM else None
    raise UnsupportedOption(
        "is called with training=True, so it is random (or uses batch statistics) at inference; "
        "Keras 3's predict() cannot keep that",
        key="training",
        hint=hint,
    )


def model_call_settings(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    for key, value in kwargs.items():
        if value is None:
            continue
        if key == "training" and not isinstance(value, Tensor) and not value:
            settings["training"] = False
        elif key == "training" and value is True:
            raise UnsupportedOption("the model is called with training=True", key=key)
        else:
            raise UnsupportedOption(f"call argument with value {_show(value)}", key=key)
    return settings


def _show(value: Any) -> str:
    return f"a tensor of shape {value.shape}" if isinstance(value, Tensor) else repr(value)[:80]


BATCH = frozenset(
    {"BatchNormalization", "BatchNormalizationV1", "BatchNormalizationV2", "SyncBatchNormalization"},
)
# What follows the phase of the call without a rate to tell by.
PHASED = frozenset({"Lambda", "SpectralNormalization", *OP_LAYERS})


def without_idle_training(
    record: LayerRecord, kwargs: Mapping[str, Structure], conversion: Conversion
) -> Mapping[str, Structure]:
    """The arguments without a `training=True` that changes nothing: no dropout, no batch statistics."""
    if kwargs.get("training") is not True or any(_phased(*each, conversion) for each in parts(record)):
        return kwargs
    return {key: value for key, value in kwargs.items() if key != "training"}


def without_accepted_noise(
    record: LayerRecord, kwargs: Mapping[str, Structure], conversion: Conversion
) -> Mapping[str, Structure]:
    """Forced noise goes where the user accepted that; it stays in training."""
    accepted = conversion.options.accept_noise_off and record.class_name in RANDOM
    if not accepted or kwargs.get("training") is not True:
        return kwargs
    text = "was random at inference (training=True); is so in training only"
    conversion.findings.append(Finding("accepted", record.name, record.class_name, text))
    return {key: value for key, value in kwargs.items() if key != "training"}


def _phased(class_name: str, config: Mapping[str, Any], conversion: Conversion) -> bool:
    """Whether it computes something else while training; unknown classes may."""
    if class_name in RANDOM:
        return bool(config.get("rate", config.get("stddev", config.get("sigma", config.get("p", 1)))))
    if class_name in BATCH:
        # A frozen one stays at inference since TF 2.
        writer = conversion.writer
        return bool(config.get("trainable", True)) or writer.standalone or writer.before(2, 3)
    if class_name in PHASED or class_name.startswith("Random"):
        return True
    return not conversion.rules.knows(class_name) or any("dropout" in key and value for key, value in config.items())
