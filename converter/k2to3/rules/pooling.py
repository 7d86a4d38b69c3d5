"""Pooling, padding, cropping, upsampling: unchanged but for a few keys."""

from __future__ import annotations

from typing import Any

from k2to3.errors import UnsupportedOption
from k2to3.rules.base import Composite, Context, Masks, Native, rule
from k2to3.rules.conv import rank_of, read_format, spatial
from k2to3.rules.theano_pooling import same_on_theano
from k2to3.source.json_text import Json
from k2to3.target.shapes_spatial import pair

NAMES = {"MaxPool": "MaxPooling", "AvgPool": "AveragePooling"}


def modern(class_name: str) -> str:
    """`GlobalMaxPool2D` → `GlobalMaxPooling2D`."""
    for old, new in NAMES.items():
        if old in class_name and new not in class_name:
            return class_name.replace(old, new)
    return class_name


@rule(
    "MaxPooling1D",
    "MaxPooling2D",
    "MaxPooling3D",
    "AveragePooling1D",
    "AveragePooling2D",
    "AveragePooling3D",
    "MaxPool1D",
    "MaxPool2D",
    "MaxPool3D",
    "AvgPool1D",
    "AvgPool2D",
    "AvgPool3D",
    masks="drop",
)
def pooling(context: Context) -> Native | Composite:
    """Unchanged; missing strides mean the pool size."""
    config, name = context.config, modern(context.record.class_name)
    rank = rank_of(name)
    size = [int(n) for n in pair(config.take("pool_size", 2), rank)]
    strides = config.take("strides", None)
    settings: Json = {
        "pool_size": size,
        "strides": size if strides is None else [int(n) for n in pair(strides, rank)],
        "padding": config.take("padding", "valid"),
        "data_format": read_format(context),
    }
    return same_on_theano(context, name, settings) or Native(context.layer(name, settings))


def drop_or_none(context: Context, masks: Masks) -> Masks:
    return [None]


@rule(
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GlobalMaxPooling3D",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAveragePooling3D",
    "GlobalMaxPool1D",
    "GlobalMaxPool2D",
    "GlobalMaxPool3D",
    "GlobalAvgPool1D",
    "GlobalAvgPool2D",
    "GlobalAvgPool3D",
    masks="drop",
)
def global_pooling(context: Context) -> Native:
    """Unchanged; averages skip masked steps in both."""
    config = context.config
    keepdims = config.flag("keepdims", False)
    settings: Json = {"data_format": read_format(context)}
    if keepdims:
        settings["keepdims"] = True
    return Native(context.layer(modern(context.record.class_name), settings))


@rule("ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D", masks="drop")
def zero_padding(context: Context) -> Native:
    """Unchanged; the 1D layer has `data_format` in Keras 3 only from 3.6 on."""
    name = context.record.class_name
    settings: Json = {"padding": _margins(context.config.take("padding", 1), rank_of(name))}
    data_format = read_format(context)
    if name != "ZeroPadding1D":
        settings["data_format"] = data_format
    elif data_format != "channels_last":
        raise UnsupportedOption(f"value {data_format!r}", layer=context.record.name, key="data_format")
    return Native(context.layer(name, settings))


@rule("Cropping1D", "Cropping2D", "Cropping3D", masks="drop")
def cropping(context: Context) -> Native:
    """Unchanged."""
    name = context.record.class_name
    settings: Json = {"cropping": _margins(context.config.take("cropping", 1), rank_of(name))}
    if name != "Cropping1D":
        settings["data_format"] = read_format(context)
    return Native(context.layer(name, settings))


def _margins(value: Any, rank: int) -> Any:
    if isinstance(value, dict):
        # Keras 1: {"top_pad": 1, "bottom_pad": 1, "left_pad": 1, "right_pad": 1}
        sides = [int(value.get(f"{side}_pad", 0)) for side in ("top", "bottom", "left", "right")]
        return [sides[:2], sides[2:]]
    if rank > 1 and isinstance(value, int):
        return [[value, value]] * rank
    if rank > 1 and isinstance(value, list) and all(isinstance(n, int) for n in value):
        if len(value) == 4:
            return [value[:2], value[2:]]
        return [[n, n] for n in value]
    return value


@rule("UpSampling1D", "UpSampling3D", masks="drop")
def upsampling(context: Context) -> Native:
    """Unchanged."""
    name = context.record.class_name
    size = context.config.take("size", 2)
    settings: Json = {"size": size if name == "UpSampling1D" else [int(n) for n in pair(size, 3)]}
    if name != "UpSampling1D":
        settings["data_format"] = read_format(context)
    return Native(context.layer(name, settings))


@rule("UpSampling2D", masks="drop")
def upsampling_2d(context: Context) -> Native | Composite:
    """Nearest and TF ≥ 1.15's bilinear are unchanged."""
    settings: Json = spatial(context, "size", rank=2) if "size" in context.config else {"size": [2, 2]}
    settings["data_format"] = read_format(context)
    interpolation = context.config.take("interpolation", "nearest")
    if interpolation != "nearest":
        settings["interpolation"] = interpolation
    if interpolation in ("gaussian", "mitchellcubic"):
        raise UnsupportedOption(f"value {interpolation!r}", layer=context.record.name, key="interpolation")
    return Native(context.layer("UpSampling2D", settings))
