"""Pooling, padding, cropping, upsampling: unchanged but for a few keys."""

from __future__ import annotations

from typing import Any

from k2to3.errors import BadConfig, UnsupportedOption
from k2to3.keras3.layers.space import pair
from k2to3.rules.common import policy
from k2to3.rules.conv.conv import rank_of, read_format, spatial
from k2to3.rules.conv.data_format import everywhere
from k2to3.rules.language import Composite, Context, Native, rule
from k2to3.rules.pooling.theano_pooling import same_on_theano, uneven_average
from k2to3.rules.preprocessing.images import after, chain, floats
from k2to3.rules.preprocessing.resize import (
    COMMON,
    EVERYWHERE,
    by_matrices,
    centred_bilinear,
    legacy_bilinear,
    needs_extents,
)
from k2to3.sources.json_text import Json

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
    """Unchanged; missing strides mean the pool size; uneven margins of averages are written out."""
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
    written = same_on_theano(context, name, settings) or uneven_average(context, name, settings)
    return written or Native(context.layer(name, settings))


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
    settings: Json = {"padding": _margins(context, "padding", rank_of(name))}
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
    settings: Json = {"cropping": _margins(context, "cropping", rank_of(name))}
    if name != "Cropping1D":
        settings["data_format"] = read_format(context)
    return Native(context.layer(name, settings))


def _margins(context: Context, key: str, rank: int) -> Any:
    value = context.config.take(key, 1)
    if isinstance(value, dict) or (rank > 1 and isinstance(value, list) and len(value) != rank):
        raise BadConfig(f"{value!r}: only Keras 1 took margins so", layer=context.record.name, key=key)
    if rank > 1 and isinstance(value, int):
        return [[value, value]] * rank
    if rank > 1 and all(isinstance(n, int) for n in value):
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
@everywhere
def upsampling_2d(context: Context) -> Native | Composite:
    """Nearest and TF ≥ 1.15's bilinear are unchanged; older bilinear and other methods are rebuilt.

    So is bilinear on images of unknown size. Keras up to 2.3.1 resampled bilinearly without half-pixel centres.
    Images of whole numbers are cast to floats first where they are not repeated alone: Keras 3 rounds the result to
    whole numbers again. Refused: files of TF 1.13, which never wrote the interpolation, unless
    --treat-as UpSampling2D=UpSampling2D says nearest.
    """
    settings: Json = spatial(context, "size", rank=2) if "size" in context.config else {"size": [2, 2]}
    settings["data_format"] = read_format(context)
    _forgotten(context)
    method = context.config.take("interpolation", "nearest")
    height, width = context.shape[1], context.shape[2]
    if method == "nearest":
        return Native(context.layer("UpSampling2D", settings))
    _refuse_halves(context)
    if method == "bilinear" and without_centres(context):
        return Composite(after(floats(context), legacy_bilinear(context, settings["size"])))
    if method not in COMMON | EVERYWHERE:
        raise UnsupportedOption(f"value {method!r}", layer=context.record.name, key="interpolation")
    if height is None or width is None:
        if method not in COMMON:
            raise needs_extents(context, method)
        return Composite(after(floats(context), centred_bilinear(context, settings["size"])))
    if method in COMMON:
        return chain([*floats(context), context.layer("UpSampling2D", {**settings, "interpolation": method})])
    target = (height * settings["size"][0], width * settings["size"][1])
    return chain([*floats(context), *by_matrices(context, method, (height, width), target)])


def _refuse_halves(context: Context) -> None:
    """Keras 2 interpolates whole numbers in float32; a policy of half precision would round them first.

    Raises:
        UnsupportedOption: whole numbers under such a policy. 65,505 would be infinite, and 2,049 another number.
    """
    kind = policy(context.record.config.get("dtype"), context.record.name) or ""
    if floats(context) and kind.endswith("float16"):
        raise UnsupportedOption(
            f"an image of whole numbers under the policy {kind!r}", layer=context.record.name, key="dtype"
        )


def _forgotten(context: Context) -> None:
    """TF 1.13 took an `interpolation` but did not write it.

    Raises:
        UnsupportedOption: nearest or bilinear, the file does not say.
    """
    writer, name = context.writer, context.record.class_name
    old = writer.tensorflow and not writer.before(2, 2, 4) and writer.before(2, 3)
    if old and "interpolation" not in context.config and name not in context.conversion.rules.treat_as:
        raise UnsupportedOption(
            "TensorFlow 1.13 never wrote whether it is nearest or bilinear",
            layer=context.record.name,
            key="interpolation",
            hint="if nearest, the default: --treat-as UpSampling2D=UpSampling2D",
        )


def without_centres(context: Context) -> bool:
    """Whether the writer's bilinear resampling had no half-pixel centres."""
    return context.writer.standalone
