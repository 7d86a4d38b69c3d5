"""Arguments of Keras 1 in Keras 2's words; multi-backend Keras 2 took them as well.

Source: `legacy_*_support` of Keras 2.2.4 (keras/legacy/interfaces.py), signatures of Keras 1.2.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k2to3.keras2.keras1 import BY_CLASS, COMMON, WITH_UNITS

FORMATS = {"th": "channels_first", "tf": "channels_last", "default": None}
# How training began is of no matter for weights that were trained.
STARTS = ("init", "inner_init", "forget_bias_init", "beta_init", "gamma_init", "transform_bias", "consume_less")
INITIALIZERS = frozenset(
    ("uniform", "lecun_uniform", "normal", "identity", "orthogonal", "zero", "one")
    + ("glorot_normal", "glorot_uniform", "he_normal", "he_uniform")
)
# The order of arguments in Keras 1, as far as anybody goes without their names.
ORDERS = {
    "Dense": "output_dim init activation weights",
    "Embedding": "input_dim output_dim init input_length",
    "LSTM": "output_dim init inner_init forget_bias_init activation inner_activation",
    "GRU": "output_dim init inner_init activation inner_activation",
    "SimpleRNN": "output_dim init inner_init activation",
    "Conv1D": "nb_filter filter_length init activation weights border_mode subsample_length",
    "LocallyConnected1D": "nb_filter filter_length init activation weights border_mode subsample_length",
}
PLANE = "nb_filter nb_row nb_col init activation weights border_mode subsample dim_ordering"
SPACE = "nb_filter kernel_dim1 kernel_dim2 kernel_dim3 init activation weights border_mode subsample dim_ordering"
PLANES = ("Conv2D", "Conv2DTranspose", "SeparableConv2D", "LocallyConnected2D", "ConvLSTM2D")
SEQUENCES = ("Conv1D", "LocallyConnected1D")
Named = tuple[tuple[Any, ...], dict[str, Any]]
Arguments = tuple[tuple[Any, ...], dict[str, Any], Mapping[str, Any]]


def translated(class_name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], keras1: bool) -> Arguments:
    """What a constructor was given, in Keras 2's words, and what its config has to say besides."""
    args, given = _named(class_name, args, dict(kwargs), keras1)
    words = {**COMMON, **BY_CLASS.get(class_name, {})}
    found: dict[str, Any] = {}
    for key, value in given.items():
        if key in STARTS or (key == "dropout" and class_name == "Embedding"):
            continue
        found[words.get(key, key)] = FORMATS.get(value, value) if key == "dim_ordering" else value
    if class_name in WITH_UNITS and "output_dim" in found:
        found["units"] = found.pop("output_dim")
    _kernel(class_name, found, args)
    if class_name in SEQUENCES and "input_dim" in found:
        found["input_shape"] = (found.pop("input_length", None), found.pop("input_dim"))
    mode = found.pop("mode", 0) if class_name == "BatchNormalization" else 0
    return args, found, {"mode": mode} if mode else {}


def _kernel(class_name: str, found: dict[str, Any], args: tuple[Any, ...]) -> None:
    """The extents of a kernel, which had an argument each."""
    for names in (("nb_row", "nb_col"), ("kernel_dim1", "kernel_dim2", "kernel_dim3")):
        if names[0] in found:
            found["kernel_size"] = tuple(found.pop(name) for name in names)
    if class_name == "Conv2DTranspose":
        found.pop("output_shape", None)


def _named(class_name: str, args: tuple[Any, ...], kwargs: dict[str, Any], keras1: bool) -> Named:
    """Arguments without a name, where Keras 1 had others in that place."""
    order = _order(class_name, args, kwargs, keras1)
    if order is None:
        return args, kwargs
    return (), {**dict(zip(order.split(), args, strict=False)), **kwargs}


def _order(class_name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], keras1: bool) -> str | None:
    if class_name in PLANES and (_whole(args[1:3], 2) or (len(args) == 2 and "nb_col" in kwargs)):
        return PLANE
    if class_name == "Conv3D" and _whole(args[1:4], 3):
        return SPACE
    if class_name == "BatchNormalization" and args and isinstance(args[0], float):
        return "epsilon mode axis momentum"
    order = ORDERS.get(class_name)
    if order is None or not keras1:
        return None
    place = order.split().index("init")
    return order if len(args) > place and args[place] in INITIALIZERS else None


def _whole(values: tuple[Any, ...], count: int) -> bool:
    return len(values) == count and all(isinstance(value, int) for value in values)
