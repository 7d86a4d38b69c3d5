"""Weights files by path: `layers/dense/vars/0`, as Keras 2.12 and later write them.

Keras 2.12 and 2.13 have `_layer_checkpoint_dependencies` in the place of `layers`.
"""

from __future__ import annotations

from k2to3.errors import NothingToDo, WeightMismatch
from k2to3.sources.library import Library
from k2to3.sources.tensors import StoredTensor, stored_tensor
from k2to3.sources.tree import Group, Header

CONTAINERS = ("layers", "_layer_checkpoint_dependencies")
# State of training, not of the model.
TRAINING = ("optimizer", "metrics")


def holds_variables(root: Group) -> bool:
    """Whether the file is laid out by path."""
    return any(name in root for name in CONTAINERS)


def read_variables(root: Group, library: Library) -> dict[str, tuple[StoredTensor, ...]]:
    """Path of an object → its variables; objects without variables map to ().

    Raises:
        NothingToDo: written by Keras 3.6 or later, which names the owner of a group.
        WeightMismatch: an array outside a `vars` group, or numbers with a gap.
    """
    groups: dict[str, list[tuple[int, StoredTensor]]] = {}

    for path, item in root.walk():
        parent, _, last = path.rpartition("/")
        if isinstance(item, Group) and last == "vars":
            if "name" in item.attributes:
                raise NothingToDo("is a weights file of Keras 3", hint="load it with model.load_weights")
            groups.setdefault(parent, [])
        if isinstance(item, Header) and path.split("/")[0] not in TRAINING:
            owner, _, folder = parent.rpartition("/")
            if folder != "vars" or not last.isdigit():
                raise WeightMismatch(f"array {path!r} is no variable of a layer")
            groups.setdefault(owner, []).append((int(last), stored_tensor(path, item, library, f"/{path}")))
    return {path: _ordered(path, found) for path, found in groups.items() if path.split("/")[0] not in TRAINING}


def _ordered(path: str, found: list[tuple[int, StoredTensor]]) -> tuple[StoredTensor, ...]:
    found = sorted(found, key=lambda pair: pair[0])
    if [number for number, _ in found] != list(range(len(found))):
        raise WeightMismatch(f"the variables of {path!r} are not numbered from 0 on")
    return tuple(tensor for _, tensor in found)


def container_of(groups: dict[str, tuple[StoredTensor, ...]]) -> str:
    """`layers`, or what Keras 2.12 and 2.13 wrote in its place."""
    old = any(path.split("/")[0] == CONTAINERS[1] for path in groups)
    return CONTAINERS[1] if old else CONTAINERS[0]
