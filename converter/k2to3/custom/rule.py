"""The rule of a class that the user gave: laid out by real Keras 3, weights matched by name and shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k2to3.custom.client import CustomObjects
from k2to3.custom.matching import Wanted, match
from k2to3.errors import UnsupportedOption
from k2to3.keras3.graph import Structure, shape_structure
from k2to3.keras3.layer import Custom, Layer
from k2to3.keras3.types import Spec
from k2to3.rules.common import NEUTRAL
from k2to3.rules.language import Context, Masks, Native, Rule, as_stored

Json = dict[str, Any]
# Written by every layer of Keras 2; the archive states them in its own way.
COMMON = (*NEUTRAL, "dtype", "dynamic", "autocast", "experimental_autocast")


def custom(context: Context) -> Native:
    """A class given with --custom-objects: kept as it is; needed again to load the archive."""
    objects = _objects(context)
    name, config = context.record.class_name, config_of(context)
    found = _described(objects, context, config, shape_structure(context.inputs), context.kwargs)
    layer = context.layer(found["class_name"], {k: v for k, v in found["config"].items() if k not in COMMON})
    layer.custom = Custom(
        found["module"],
        found["registered_name"],
        lambda inputs, kwargs: _outputs(_described(objects, context, config, inputs, kwargs)),
        takes_mask=found["takes_mask"],
        passes_mask=found["masks"] == "pass",
    )
    lay_out(context, layer, found["groups"])
    twin = "" if objects.has_twin(name) else f"; {objects.module}.KERAS2 has no class of that name to compare with"
    context.note("custom", f"not native: loading the archive needs {found['class_name']} of {objects.module}{twin}")
    return Native(layer, arrange=_arranged)


def _arranged(args: Structure, kwargs: Mapping[str, Structure]) -> tuple[Structure, Mapping[str, Structure]]:
    if kwargs.get("training") not in (None, False, 0):
        raise UnsupportedOption("is called with training=True, which Keras 3's predict() cannot keep", key="training")
    return args, {key: value for key, value in kwargs.items() if value is not None and key != "mask"}


def config_of(context: Context) -> Json:
    """What the class is made from: all keys of the file that are not every layer's."""
    config = {key: context.config.take(key) for key in list(context.config.keys()) if key not in COMMON}
    return {**config, "name": context.name, "dtype": context.policy or "float32"}


def _described(
    objects: CustomObjects, context: Context, config: Json, inputs: Any, kwargs: Mapping[str, Structure]
) -> Json:
    given = {key: _leaves(shape_structure(value)) for key, value in kwargs.items() if value is not None}
    given.pop("mask", None)
    question = {
        "ask": "layer",
        "class_name": context.record.class_name,
        "config": config,
        "args": _leaves(inputs),
        "kwargs": given,
    }
    return objects.ask(question, context.record.name)


def _leaves(structure: Any) -> Any:
    """(shape, dtype) leaves as JSON objects."""
    if isinstance(structure, tuple):
        return {"tensor": [list(structure[0]), structure[1]]}
    if isinstance(structure, Mapping):
        return {key: _leaves(value) for key, value in structure.items()}
    if isinstance(structure, list):
        return [_leaves(item) for item in structure]
    return structure


def _outputs(found: Json) -> list[Spec]:
    return [(tuple(shape), dtype) for shape, dtype in found["outputs"]]


def lay_out(context: Context, layer: Layer, groups: list[Json]) -> None:
    """Variables of the layer itself and of every sublayer, under the paths that Keras gave them."""
    wanted = [Wanted(v["name"], tuple(v["shape"])) for group in groups for v in group["variables"]]
    found = iter(match(wanted, context.weights.slots, context.record.name))
    for group in groups:
        variables = [next(found) for _ in group["variables"]]
        if group["path"]:
            child = Layer(group["path"], "Custom", variables=variables, dtype=context.policy)
            layer.children[group["path"]] = child
        else:
            layer.variables = variables


def custom_masks(context: Context, masks: Masks) -> Masks:
    """As the Keras 3 class does, which is taken to do as its Keras 2 original did.

    Raises:
        UnsupportedOption: `compute_mask` of its own, on a masked input.
    """
    if not any(mask is not None for mask in masks):
        return []
    objects = _objects(context)
    found = _described(objects, context, config_of(context), shape_structure(context.inputs), context.kwargs)
    if found["masks"] == "own":
        raise UnsupportedOption(
            "its class has a compute_mask of its own, and its input is masked",
            layer=context.record.name,
            hint="write a rule (--rules)",
        )
    return masks[:1] if found["masks"] == "pass" else []


CUSTOM = Rule((), custom, as_stored, custom_masks, (custom.__doc__ or "").strip(), __name__)


def _objects(context: Context) -> CustomObjects:
    found = context.conversion.rules.custom
    assert isinstance(found, CustomObjects)
    return found
