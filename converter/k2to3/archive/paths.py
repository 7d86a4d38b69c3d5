"""Where each variable lives in `model.weights.h5`.

Source: `_save_state` and `_name_key` in keras/src/saving/saving_lib.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from k2to3.archive.serialise import Serialiser
from k2to3.dataclass import dataclass
from k2to3.keras3.graph import Submodel
from k2to3.keras3.layer import Layer
from k2to3.sources.object_names import numbered
from k2to3.weights import Expression


@dataclass(frozen=True)
class Group:
    """The `vars` group of one layer: its path without `/vars`, its variables in order."""

    path: str
    layer: Layer
    variables: tuple[Expression, ...]


def weight_groups(model: Submodel, serialiser: Serialiser) -> list[Group]:
    """Every group of the archive, depth first; a shared layer appears once."""
    seen: set[Layer] = set()
    return list(_groups(model, "", serialiser, seen))


def _groups(layer: Layer, path: str, serialiser: Serialiser, seen: set[Layer]) -> Iterator[Group]:
    if layer in seen:
        return
    seen.add(layer)
    yield Group(path, layer, tuple(layer.variables))
    if isinstance(layer, Submodel):
        layers = serialiser.close(layer).layers
        for name, child in zip(numbered([_class(x) for x in layers]), layers, strict=True):
            yield from _groups(child, _join(path, "layers", name), serialiser, seen)
    for attribute, value in layer.children.items():
        if isinstance(value, list):
            for name, child in zip(numbered([_class(x) for x in value]), value, strict=True):
                yield from _groups(child, _join(path, attribute, name), serialiser, seen)
        else:
            yield from _groups(value, _join(path, attribute), serialiser, seen)


def _class(layer: Layer) -> str:
    if isinstance(layer, Submodel):
        return "Sequential" if layer.sequential else "Functional"
    return layer.class_name


def _join(*parts: str) -> str:
    return "/".join(part for part in parts if part)
