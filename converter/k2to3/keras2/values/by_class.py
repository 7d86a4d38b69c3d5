"""Keys that hold something else in some layer classes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from k2to3.keras2.values.keys import KEYS, OPEN
from k2to3.keras2.values.kinds import (
    ANY_AXES,
    AXES,
    AXIS,
    COUNT,
    FLAG,
    LIST,
    MARGIN,
    NUMBER,
    OBJECT,
    TEXT,
    Kind,
    either,
    extents,
    kind,
    margins,
    one_of,
    optional,
    real,
    sequence,
    whole,
)
from k2to3.keras2.values.objects import INITIALIZER, INPUT_DTYPE, NUMBERS, TEXT_POLICY

ANYTHING: Kind = lambda value: None  # noqa: E731
FACTOR = either(NUMBER, sequence(NUMBER, 2))
TUPLE = kind("a tuple", lambda value: isinstance(value, dict) and value.get("class_name") == "__tuple__")
FUNCTION = one_of(None, "lambda", "function", "raw")
STORED = one_of("lambda", "function")
CODE = either(TEXT, sequence(ANYTHING, 3), OBJECT)


def _spatial(rank: int) -> dict[str, Kind]:
    names = ("kernel_size", "strides", "dilation_rate", "pool_size", "subsample", "atrous_rate", "size", "length")
    found = dict.fromkeys(names, extents(rank))
    return {
        **found,
        "stride": optional(extents(rank)),
        "output_padding": optional(extents(rank, MARGIN), sequence(MARGIN, 1)),
        "cropping": margins(rank),
    }


def _windows(rank: int) -> dict[str, Kind]:
    """TensorFlow took the quotient of two extents, which Python 3 made a float."""
    found = extents(rank, whole(1))
    return {"pool_size": found, "strides": optional(found)}


def _sides(*sides: str) -> Kind:
    """Keras 1's margins by name."""
    names = {f"{side}_pad" for side in sides}
    return kind(
        "margins by " + ", ".join(sorted(names)),
        lambda value: isinstance(value, dict) and set(value) <= names and not any(map(MARGIN, value.values())),
    )


# The first pattern that matches a whole class name decides about a key.
OVERRIDES: tuple[tuple[str, Mapping[str, Kind]], ...] = (
    (r"ZeroPadding1D", {"padding": either(margins(1), _sides("left", "right"))}),
    (r"ZeroPadding2D", {"padding": either(margins(2), sequence(MARGIN, 4), _sides("top", "bottom", "left", "right"))}),
    (r"ZeroPadding3D", {"padding": margins(3)}),
    (r"Conv(olution)?1D|SeparableConv(olution)?1D|AtrousConvolution1D", {"padding": one_of("valid", "same", "causal")}),
    (r"(Max|Average|Avg)Pool(ing)?1D", _windows(1)),
    (r"(Max|Average|Avg)Pool(ing)?2D", _windows(2)),
    (r"(Max|Average|Avg)Pool(ing)?3D", _windows(3)),
    (r".*1D.*", _spatial(1)),
    (r".*2D.*", _spatial(2)),
    (r".*3D.*", _spatial(3)),
    (
        r"BatchNormalization.*|SyncBatchNormalization",
        {"mode": whole(0, 2), "adjustment": ANYTHING, "axis": either(AXES, TUPLE)},
    ),
    (r"(Unit|Layer)Normalization", {"axis": either(AXES, TUPLE)}),
    # Normalization writes `axis=None` as `[]`.
    (r"Normalization", {"axis": optional(ANY_AXES, TUPLE), "mean": ANYTHING, "variance": ANYTHING}),
    (r".*GroupNormalization|.*InstanceNormalization", {"groups": whole(-1), "axis": optional(AXES)}),
    (r"(keras_contrib>|Addons>).*", {"groups": whole(-1)}),
    (r"Rescaling", {"scale": either(NUMBERS, TUPLE), "offset": either(NUMBERS, TUPLE)}),
    (r"Concatenate|concatenate|SqueezeLayer", {"axis": AXIS}),
    (r"RandomFourierFeatures", {"scale": optional(NUMBER), "kernel_initializer": ANYTHING}),
    (r"CustomScaleLayer|.*>CustomScaleLayer", {"scale": NUMBER}),
    (r"ReLU", {"max_value": optional(OPEN), "negative_slope": NUMBER, "threshold": NUMBER}),
    (r"Hashing|HashedCrossing", {"mask_value": ANYTHING, "num_bins": COUNT, "salt": ANYTHING}),
    (
        r"Lambda",
        {
            "function": CODE,
            "output_shape": ANYTHING,
            "mask": ANYTHING,
            "arguments": optional(OBJECT),
            "function_type": STORED,
            "output_shape_type": FUNCTION,
        },
    ),
    (
        r"Merge",
        {
            "mode": either(TEXT, CODE),
            "output_shape": ANYTHING,
            "output_mask": ANYTHING,
            "layers": optional(LIST),
            "mode_type": FUNCTION,
            "output_shape_type": FUNCTION,
            "output_mask_type": FUNCTION,
        },
    ),
    (r"TextVectorization", {"dtype": TEXT_POLICY, "output_mode": optional(KEYS["output_mode"])}),
    (r"RandomFlip", {"mode": one_of("horizontal", "vertical", "horizontal_and_vertical")}),
    (
        r"Random(Height|Width|Rotation|Zoom|Translation|Contrast|Brightness)",
        {"factor": FACTOR, "height_factor": FACTOR, "width_factor": optional(FACTOR), "value_range": FACTOR},
    ),
    (r"EinsumDense", {"output_shape": either(COUNT, sequence(optional(COUNT)))}),
    (r"MultiHeadAttention", {"output_shape": optional(COUNT, sequence(COUNT))}),
    (r"Embedding", {"batch_input_shape": optional(LIST), "input_dim": COUNT, "sparse": FLAG}),
    (r"InputLayer|Input", {"name": optional(TEXT), "type_spec": ANYTHING, "dtype": INPUT_DTYPE}),
    (r"(.*>)?TCN", {"kernel_size": COUNT, "padding": one_of(*("causal", "same", "valid")), "dilations": LIST}),
    (r"(.*>)?SeqSelfAttention", {"kernel_initializer": INITIALIZER, "attention_regularizer_weight": NUMBER}),
    (
        r"keras_bert>.*",
        {"output_dim": optional(COUNT), "mask_zero": either(FLAG, NUMBER), "embeddings_initializer": INITIALIZER},
    ),
    (r"ActivityRegularization", {"l1": real(0), "l2": real(0)}),
    (r"LinearModel", {"units": COUNT}),
    (r"Deconvolution2D", {"output_shape": LIST}),
)


@cache
def keys_of(class_name: str) -> Mapping[str, Kind]:
    """The kind of every known key of a class."""
    found: dict[str, Kind] = {}
    for pattern, kinds in OVERRIDES:
        if re.fullmatch(pattern, class_name):
            found = {**kinds, **found}
    return {**KEYS, **found}


def held(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
