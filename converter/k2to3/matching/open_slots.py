"""Layers whose weights only the file knows: they take what stands under their name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from k2to3.errors import WeightMismatch
from k2to3.matching.slots import Path, Slots, Weights, assign_closed
from k2to3.sources.author import Writer
from k2to3.sources.tensors import StoredTensor
from k2to3.weights import Stored


def assign(slots: Slots, tensors: Sequence[StoredTensor], writer: Writer, layer: str) -> Weights:
    """Match the tensors of one group to the slots of its layer.

    Raises:
        WeightMismatch: too many, too few, or names that leave a doubt.
    """
    is_open = next(slots.opened(), None) is not None
    return (assign_open if is_open else assign_closed)(slots, tensors, writer, layer)


def assign_open(slots: Slots, tensors: Sequence[StoredTensor], writer: Writer, layer: str) -> Weights:
    """Give open layers the tensors that carry their name, and the rest to the others.

    Raises:
        WeightMismatch: the names leave a doubt.
    """
    if slots.open:
        return Weights(relative(tensors, layer))
    claims = _claims(slots, tensors, layer)
    claimed = {id(tensor) for found in claims.values() for tensor in found}
    rest = [tensor for tensor in tensors if id(tensor) not in claimed]
    weights = assign_closed(_closed(slots), rest, writer, layer)
    for path, found in claims.items():
        weights = _placed(weights, path, Weights(relative(found, path[-1])))
    return weights


def _claims(slots: Slots, tensors: Sequence[StoredTensor], layer: str) -> dict[Path, list[StoredTensor]]:
    paths = list(slots.opened())
    if len(paths) == 1 and not slots.count():
        return {paths[0]: list(tensors)}
    found = {path: [t for t in tensors if _carries(t.name.split("/"), path)] for path in paths}
    owners = [id(tensor) for claimed in found.values() for tensor in claimed]
    if len(owners) != len(set(owners)):
        raise WeightMismatch("its weights' names do not tell which sublayer they belong to", layer=layer)
    return found


def _carries(parts: Sequence[str], path: Path) -> bool:
    """Bidirectional renames its two layers `forward_NAME` and `backward_NAME`."""
    directions = [part for part in path if part in ("forward", "backward")]
    return path[-1] in parts or any(part.startswith(f"{way}_") for way in directions for part in parts)


def _closed(slots: Slots) -> Slots:
    children = {name: _closed(child) for name, child in slots.children.items() if not child.open}
    return replace(slots, children=children)


def _placed(weights: Weights, path: Path, value: Weights) -> Weights:
    if not path:
        return value
    child = _placed(weights.child(path[0]), path[1:], value)
    return replace(weights, children={**weights.children, path[0]: child})


def relative(tensors: Sequence[StoredTensor], owner: str) -> Mapping[str, Stored]:
    """Tensors by their name below `owner`, without `:0`.

    Raises:
        WeightMismatch: two have the same name.
    """
    names = [tensor.name.rsplit(":", 1)[0].split("/") for tensor in tensors]
    shared = {parts[0] for parts in names if len(parts) > 1}
    if all(owner in parts[:-1] for parts in names):
        names = [parts[parts.index(owner) + 1 :] for parts in names]
    elif len(shared) == 1 and all(len(parts) > 1 for parts in names):
        names = [parts[1:] for parts in names]
    found = {"/".join(parts): Stored(tensor) for parts, tensor in zip(names, tensors, strict=True)}
    if len(found) != len(tensors):
        raise WeightMismatch("two of its weights have the same name", layer=owner)
    return found
