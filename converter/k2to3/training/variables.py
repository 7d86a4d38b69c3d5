"""The trainable variables of both models, in the order their optimizers see them."""

from __future__ import annotations

from collections.abc import Iterator

from k2to3.archive.serialise import Serialiser
from k2to3.dataclass import dataclass
from k2to3.keras2.model import Model
from k2to3.keras3.graph import Submodel
from k2to3.keras3.layer import Layer
from k2to3.keras3.layers.table import facts_of
from k2to3.matching.paths import SlotsOf
from k2to3.matching.slots import Path, Slots, Weights
from k2to3.sources.tensors import StoredTensor
from k2to3.training.schedules import Unsupported
from k2to3.weights import Expression


@dataclass(frozen=True)
class Trained:
    """One trainable variable of the archive."""

    layer: str
    expression: Expression


def trained_by_keras3(model: Submodel, serialiser: Serialiser) -> list[Trained]:
    """`model.trainable_variables` after loading. Source: keras/src/layers/layer.py.

    Raises:
        Unsupported: a class of the user's decides by itself what it trains.
    """
    order: dict[tuple[Layer, int], str] = {}
    frozen: set[tuple[Layer, int]] = set()
    _visit(model, "", model.trainable, serialiser, order, frozen)
    return [Trained(name, layer.variables[i]) for (layer, i), name in order.items() if (layer, i) not in frozen]


def _visit(
    layer: Layer,
    name: str,
    trainable: bool,
    serialiser: Serialiser,
    order: dict[tuple[Layer, int], str],
    frozen: set[tuple[Layer, int]],
) -> None:
    if layer.custom is not None:
        raise Unsupported(f"layer {name!r} is a class of yours, which decides by itself what it trains")
    row = facts_of(layer.class_name, layer.name)
    count = len(layer.variables) - row.untrained
    own = [(layer, index) for index in range(count)]
    for key in own:
        order.setdefault(key, name)
    if not (trainable and layer.trainable):
        frozen.update(own)
    inner = trainable and (layer.trainable or not row.hands_trainable_down)
    if isinstance(layer, Submodel):
        for child in serialiser.close(layer).layers:
            _visit(child, child.name, inner, serialiser, order, frozen)
    for _, child in layer.sublayers():
        # What a layer holds is known by that layer's name.
        _visit(child, name, inner, serialiser, order, frozen)


def trained_by_keras2(model: Model, weights: Weights, slots_of: SlotsOf) -> list[StoredTensor]:
    """`model.trainable_weights` when the file was saved, each once."""
    if not model.trainable:
        return []
    found: dict[str, StoredTensor] = {}
    for record in model.layers:
        held = weights.child(record.name)
        for path in _trainable(slots_of(record)):
            for tensor in _lookup(held, path).sources():
                found.setdefault(tensor.path, tensor)
    return list(found.values())


def _trainable(slots: Slots) -> Iterator[Path]:
    if not slots.trainable:
        return
    yield from ((name,) for name in slots.trained)
    for name, child in slots.children.items():
        yield from ((name, *path) for path in _trainable(child))


def _lookup(weights: Weights, path: Path) -> Expression:
    for name in path[:-1]:
        weights = weights.child(name)
    return weights.slots[path[-1]]
