"""Weights that a file keeps by the path of their owner: Keras 2.12's `.keras` and `.weights.h5`.

keras/src/saving/saving_lib.py: a list or the layers of a model hold each object under its class in snake case, with a
number where that was taken. Weights stand in the order of their creation. Keras 2.12 and 2.13 walked
`_layer_checkpoint_dependencies`, in which a layer with weights comes twice, so that numbers go up by two.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from k2to3.errors import NotSpecified
from k2to3.proof.keras2.layer import Layer
from k2to3.proof.keras2.multi_head_attention import PARTS, MultiHeadAttention
from k2to3.proof.keras2.network import Network
from k2to3.proof.keras2.stored import array, prepare
from k2to3.sources.checkpoint import WeightGroups
from k2to3.sources.tensors import StoredTensor

OLD = "_layer_checkpoint_dependencies"
LISTS = ("layers", "cells")
HEADS = dict(zip(PARTS, ("_query_dense", "_key_dense", "_value_dense", "_output_dense"), strict=True))


def bind_by_path(network: Network, groups: WeightGroups) -> None:
    """Give every layer its arrays.

    Raises:
        NotSpecified: a path has more or fewer than its layer, or no layer.
    """
    old = any(path.split("/")[0] == OLD for path in groups)
    left = {path: tensors for path, tensors in groups.items() if tensors}
    for path, layer in walked(network, "", old):
        for suffix, names in slots(layer):
            take(layer, f"{path}{suffix}", names, left)
    if left:
        raise NotSpecified(f"weights of {min(left)!r} are nobody's")
    prepare(network)


def walked(layer: Layer, path: str, old: bool) -> Iterator[tuple[str, Layer]]:
    """Every layer inside of one, with its path."""
    taken: Counter[str] = Counter()
    for attribute, child in layer.children():
        place = attribute
        if attribute in LISTS:
            folder = OLD if attribute == "layers" and old else attribute
            name = snake_case("Functional" if is_functional(child) else child.class_name)
            place = f"{folder}/{name}" + (f"_{taken[name]}" if taken[name] else "")
            taken[name] += 2 if folder == OLD and has_weights(child) else 1
        below = f"{path}/{place}" if path else place
        yield below, child
        yield from walked(child, below, old)


def is_functional(layer: Layer) -> bool:
    return isinstance(layer, Network) and not layer.model.sequential


def has_weights(layer: Layer) -> bool:
    return any(layer.own_weights()) or any(has_weights(child) for child in layer.inner())


def snake_case(name: str) -> str:
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", name))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def slots(layer: Layer) -> Iterator[tuple[str, list[str]]]:
    """Where its own weights stand under its path."""
    trainable, fixed = layer.own_weights()
    names = [*trainable, *fixed]
    if not isinstance(layer, MultiHeadAttention):
        yield "", names
        return
    for part, folder in HEADS.items():
        yield f"/{folder}", [name for name in names if name.startswith(f"{part}_")]


def take(layer: Layer, path: str, names: list[str], left: dict[str, tuple[StoredTensor, ...]]) -> None:
    tensors = left.pop(path, ())
    if len(tensors) != len(names):
        raise NotSpecified(f"{len(tensors)} weights are stored, and its entry knows {len(names)}", layer=layer.name)
    layer.weights |= {name: array(tensor) for name, tensor in zip(names, tensors, strict=True)}
