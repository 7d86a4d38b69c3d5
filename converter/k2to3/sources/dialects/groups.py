"""Weights by layer name, as HDF5 files of Keras 1 and 2 hold them: `layer_names`, and `weight_names` of each layer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from k2to3.errors import WeightMismatch
from k2to3.limits import DEFAULT, Limits, too_much
from k2to3.sources import attributes
from k2to3.sources.authorship import Evidence, backend_by_names
from k2to3.sources.hdf5 import Hdf5
from k2to3.sources.library import Library
from k2to3.sources.tensors import StoredTensor, stored_tensor
from k2to3.sources.tree import Group, Header

MODEL = "model_weights"
TOP_LEVEL = "top_level_model_weights"
WeightsByLayer = dict[str, tuple[StoredTensor, ...]]


def weights_by_layer(hdf5: Hdf5, limits: Limits = DEFAULT) -> WeightsByLayer:
    """Layer name → its tensors in file order, of a whole-model or weights-only file.

    Raises:
        WeightMismatch: a listed weight is missing.
    """
    group = hdf5.root.group(MODEL)
    root, path = (hdf5.root, "") if group is None else (group, f"/{MODEL}")
    names = distinct(attributes.names(root, "layer_names"), "layer", limits)
    groups = {name: _tensors(root, name, hdf5.library, limits, path) for name in names}
    if TOP_LEVEL in root.members and _tensors(root, TOP_LEVEL, hdf5.library, limits, path):
        raise WeightMismatch("the model owns weights outside its layers (model.add_weight)")
    return groups


def evidence_of(root: Group, group: Group) -> Evidence:
    """What a file and its group of weights say of their author."""
    version = attributes.text(root, "keras_version") or attributes.text(group, "keras_version")
    backend = attributes.text(root, "backend") or attributes.text(group, "backend")
    return Evidence(version, backend, backend_by_names(_weight_names(group)))


def _weight_names(root: Group) -> Iterator[str]:
    for layer in attributes.names(root, "layer_names"):
        if (group := root.group(layer)) is not None:
            yield from attributes.names(group, "weight_names")


def _tensors(root: Group, layer: str, library: Library, limits: Limits, path: str) -> tuple[StoredTensor, ...]:
    group = root.group(layer)
    if group is None:
        raise WeightMismatch(f"the group of layer {layer!r} is missing")
    found = []
    for name in distinct(attributes.names(group, "weight_names"), "weight", limits):
        header = group.find(name)
        if not isinstance(header, Header):
            raise WeightMismatch(f"weight {name!r} is listed but missing", layer=layer)
        found.append(stored_tensor(name, header, library, f"{path}/{layer}/{name}"))
    return tuple(found)


def distinct(names: list[str], what: str, limits: Limits) -> list[str]:
    """The names of a list, none of which stands twice.

    Raises:
        WeightMismatch: one does. UnsafeFile: too many of them, or too long.
    """
    if len(names) > limits.tensors:
        raise too_much("tensors", f"a list of {len(names)} {what} names")
    if any(len(name) > limits.name_bytes for name in names):
        raise too_much("name_bytes", f"a {what} name is longer than {limits.name_bytes} bytes")
    counted = Counter(names)
    if len(counted) < len(names):
        raise WeightMismatch(f"{what} name {counted.most_common(1)[0][0]!r} stands twice in one list")
    return names
