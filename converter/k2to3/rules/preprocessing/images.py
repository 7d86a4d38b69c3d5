"""Image preprocessing.

Augmentation is the identity at inference in both. Keras 3 takes no `rng_type`; the newer
keys `data_format` and `value_range` are never written, for older releases refuse them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from k2to3.errors import UnsupportedOption
from k2to3.keras3.graph import Graph, Structure, tensors
from k2to3.keras3.layer import Layer
from k2to3.keras3.policy import FLOATS
from k2to3.rules.common import INTEGERS, policy
from k2to3.rules.language import Body, Composite, Context, Native, rule
from k2to3.rules.preprocessing.resize import COMMON, EVERYWHERE, TENSORFLOW, by_matrices, needs_extents, needs_floats
from k2to3.sources.json_text import Json

WHOLE = INTEGERS - {"bool", "string"}


@rule("Resizing", masks="drop")
def resizing(context: Context) -> Native | Composite:
    """Integers are cast to floats first, for Keras 3 rounds the result to integers again.

    A policy of whole numbers cuts off what is behind the point of the result, not of the image.

    bicubic, area, Lanczos, Gaussian and Mitchell become constant matrices where the size of
    the image is known, so that every backend agrees with TensorFlow.
    """
    config = context.config
    method = str(config.take("interpolation", "bilinear")).lower()
    settings: Json = {"height": config.integer("height"), "width": config.integer("width")}
    if config.flag("crop_to_aspect_ratio", False):
        settings["crop_to_aspect_ratio"] = True
    return chain([*floats(context), *resized(context, settings, method), *whole(context)])


def resized(context: Context, settings: Json, method: str) -> list[Layer]:
    """Layers that resize floats."""
    space = context.shape[-3:-1]
    source = (space[0], space[1])
    if source == (settings["height"], settings["width"]):
        # Every method samples each cell at its centre, but two are not sharp there.
        method = method if method in ("gaussian", "mitchellcubic") else "nearest"
    cuts = method != "nearest" and bool(whole(context))
    if cuts:
        # 4.0 and the number below it differ by one then.
        context.note("warning", "what its policy of whole numbers cuts off is that of Keras 2 on TensorFlow only")
    native = context.layer("Resizing", {**settings, "interpolation": method})
    if method in COMMON:
        return [native]
    if method not in EVERYWHERE:
        raise UnsupportedOption(f"value {method!r}", layer=context.record.name, key="interpolation")
    if cuts or None in source or len(context.shape) != 4:
        if method not in TENSORFLOW or (cuts and _wraps(context, method)):
            raise needs_floats(context, method) if cuts else needs_extents(context, method)
        if not cuts:
            context.note("warning", f"{method} on images of unknown size is that of Keras 2 on TensorFlow only")
        return [native]
    return _fitted(context, settings, method, (source[0] or 0, source[1] or 0))


def _wraps(context: Context, method: str) -> bool:
    """Whether numbers below zero may become unsigned ones, which TensorFlow 2.8 does in another way than 2.15."""
    kind = policy(context.record.config.get("dtype"), context.record.name) or ""
    return kind.startswith("u") and method != "area" and context.writer.before(2, 15)


def _fitted(context: Context, settings: Json, method: str, source: tuple[int, int]) -> list[Layer]:
    target = (settings["height"], settings["width"])
    if not settings.get("crop_to_aspect_ratio"):
        return by_matrices(context, method, source, target)
    # `smart_resize`: the largest centred crop of the wanted shape.
    height, width = (
        min(source[0], int(source[1] * target[0] / target[1])),
        min(source[1], int(source[0] * target[1] / target[0])),
    )
    top, left = (source[0] - height) // 2, (source[1] - width) // 2
    margins = [[top, source[0] - height - top], [left, source[1] - width - left]]
    crop = context.layer("Cropping2D", {"cropping": margins}, name=f"{context.name}_crop")
    return [crop, *by_matrices(context, method, (height, width), target)]


def cast(context: Context) -> list[Layer]:
    """What goes in front of a layer that computes floats: nothing, where the image has them.

    What a policy of whole numbers cuts off is cut off there, too.
    """
    first = whole(context, "cast_whole")
    return [*first, *([_to_floats(context)] if first else floats(context))]


def floats(context: Context) -> list[Layer]:
    """As `cast`, in front of a layer whose policy says what comes out of it alone."""
    return [] if next(tensors(context.inputs)).dtype in FLOATS else [_to_floats(context)]


def _to_floats(context: Context) -> Layer:
    return context.layer("Rescaling", {"scale": 1.0, "offset": 0.0}, name=f"{context.name}_cast")


def whole(context: Context, part: str = "whole") -> list[Layer]:
    """What goes in front of and behind a layer whose policy is one of whole numbers: a cast, which Keras 3 lacks.

    Raises:
        UnsupportedOption: of a TensorFlow before 2.8, of which nobody recorded whether it casts.
    """
    kind = policy(context.record.config.get("dtype"), context.record.name)
    if kind not in WHOLE:
        return []
    if context.writer.before(2, 8):
        raise UnsupportedOption(f"policy {kind!r} of {context.writer}", layer=context.record.name, key="dtype")
    made = context.layer("Rescaling", {"scale": 1, "offset": 0}, name=f"{context.name}_{part}")
    return [replace(made, dtype=kind)]


def chain(steps: list[Layer]) -> Native | Composite:
    """One layer as it is, several one behind the other."""
    if len(steps) == 1:
        return Native(steps[0])
    return Composite(after(steps, lambda graph, inputs, kwargs: inputs))


def after(steps: list[Layer], body: Body) -> Body:
    """What `body` makes of what comes out of the last of `steps`."""

    def whole_body(graph: Graph, inputs: Structure, kwargs: Mapping[str, Structure]) -> Structure:
        for step in steps:
            inputs = graph.call(step, inputs)
        return body(graph, inputs, kwargs)

    return whole_body


@rule("CenterCrop", masks="drop")
def center_crop(context: Context) -> Native | Composite:
    """Unchanged; what is smaller than the crop is resized, as in Resizing."""
    config = context.config
    height, width = config.integer("height"), config.integer("width")
    settings: Json = {"height": height, "width": width}
    rows, columns = context.shape[-3], context.shape[-2]
    if rows is not None and columns is not None and (rows < height or columns < width):
        return _resized_as_whole(context, settings)
    if rows is None or columns is None:
        context.note(
            "warning",
            f"images of unknown size that are smaller than {height} by {width}: Keras 2 enlarged them, a graph of "
            "Keras 3 does not",
        )
    return chain([*cast(context), context.layer("CenterCrop", settings), *whole(context)])


def _resized_as_whole(context: Context, settings: Json) -> Native | Composite:
    smart: Json = {**settings, "crop_to_aspect_ratio": True}
    return chain([*cast(context), *resized(context, smart, "bilinear"), *whole(context)])


@rule("RandomCrop", masks="drop")
def random_crop(context: Context) -> Native | Composite:
    """Its inference, a centred resize; Keras 3 returns the image uncropped there, or another crop.

    TF before 2.7 resized first and cropped then.
    """
    config = context.config
    config.ignore("seed", "rng_type")
    settings: Json = {"height": config.integer("height"), "width": config.integer("width")}
    context.note("rebuilt", "inference: Resizing to the aspect ratio; random crops while training are gone")
    if context.writer.before(2, 7):
        return _resized_then_cropped(context, settings["height"], settings["width"])
    return _resized_as_whole(context, settings)


def _resized_then_cropped(context: Context, height: int, width: int) -> Native | Composite:
    """The shorter side to its size, then the middle (`resize_and_center_cropped_inputs` of TF 2.2 to 2.6)."""
    rows, columns = context.shape[-3], context.shape[-2]
    if rows is None or columns is None:
        raise UnsupportedOption("images of unknown size", layer=context.record.name)
    tall = rows / columns > (1.0 if context.writer.before(2, 3, 1) else height / width)
    size = (int(width * rows / columns), width) if tall else (height, int(height * columns / rows))
    start = [int((n - wanted) / 2) for n, wanted in zip(size, (height, width), strict=True)]
    sides = [[a, n - wanted - a] for a, n, wanted in zip(start, size, (height, width), strict=True)]
    if min(min(pair) for pair in sides) < 0:
        raise UnsupportedOption("its resized image is smaller than the crop; Keras 2 fails", layer=context.record.name)
    resizing = {"height": size[0], "width": size[1], "interpolation": "bilinear"}
    steps = [*cast(context), context.layer("Resizing", resizing)]
    if sides != [[0, 0], [0, 0]]:
        steps.append(context.layer("Cropping2D", {"cropping": sides}, name=f"{context.name}_middle"))
    return chain(steps)


AUGMENTATION: dict[str, tuple[str, ...]] = {
    "RandomFlip": ("mode",),
    "RandomRotation": ("factor", "fill_mode", "interpolation", "fill_value"),
    "RandomTranslation": ("height_factor", "width_factor", "fill_mode", "interpolation", "fill_value"),
    "RandomZoom": ("height_factor", "width_factor", "fill_mode", "interpolation", "fill_value"),
    "RandomContrast": ("factor",),
    "RandomBrightness": ("factor", "value_range"),
}


@rule(*AUGMENTATION, masks="drop")
def augmentation(context: Context) -> Native | Composite:
    """The identity at inference in both; `rng_type` is gone."""
    config, name = context.config, context.record.class_name
    config.ignore("rng_type", "force_generator", "auto_vectorize")
    settings: Json = {}
    for key in AUGMENTATION[name]:
        value = config.take(key, None)
        if value is not None:
            settings[key] = value
    # Keras 2 took any number as a seed.
    seed = config.take("seed", None)
    if seed is not None:
        settings["seed"] = int(seed)
    if name == "RandomContrast" and _upper(settings.get("factor")) > 1:
        context.note("dropped", "Keras 3 refuses a contrast factor above 1; the identity, as at inference")
        return chain([context.layer("Identity"), *whole(context)])
    return chain([*cast(context), context.layer(name, settings), *whole(context)])


def _upper(factor: Any) -> float:
    return float(max(factor) if isinstance(factor, list) else factor or 0.0)


@rule("RandomHeight", "RandomWidth", masks="drop")
def random_extent(context: Context) -> Native:
    """Gone in Keras 3: the identity at inference; training no longer stretches images."""
    context.config.ignore("rng_type", "factor", "interpolation", "seed", "force_generator", "auto_vectorize")
    context.note("dropped", "random stretching while training; the identity at inference")
    return Native(context.layer("Identity"))
