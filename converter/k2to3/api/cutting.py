"""A checkpoint without the layers that the wanted outputs do not need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from k2to3.engine.plan import in_words_of_keras2
from k2to3.errors import K2to3Error, UsageError
from k2to3.findings import Finding
from k2to3.keras2.cut import Cut, cut
from k2to3.keras2.model import LayerRecord, Model
from k2to3.keras2.parse import parse_model
from k2to3.matching.layers import group_names, match_weights, tensors_of
from k2to3.matching.paths import layer_names, listed
from k2to3.matching.slots import Slots, Weights
from k2to3.sources.checkpoint import Checkpoint
from k2to3.sources.tensors import StoredTensor
from k2to3.sources.variables import CONTAINERS, container_of

SlotsOf = Callable[[LayerRecord], Slots]
Groups = dict[str, tuple[StoredTensor, ...]]


def cut_checkpoint(checkpoint: Checkpoint, outputs: Sequence[str], slots_of: SlotsOf) -> Checkpoint:
    """What is left for `outputs`: the architecture and weights of the layers that they need.

    Only weights that belong to a layer that is gone are gone with it; what belongs to nobody stays, and is refused as
    ever. Without loss and optimizer, which were of the whole.

    Raises:
        UsageError: no such layers, or weights that do not say whose they are.
    """
    if not outputs:
        return checkpoint
    found = cut(checkpoint.model_config, outputs)
    weights = _by_path(checkpoint, found, slots_of) if checkpoint.by_path else _by_name(checkpoint, found, slots_of)
    return replace(
        checkpoint,
        model_config=found.config,
        training_config=None,
        optimizer=(),
        weights=weights,
        findings=(*checkpoint.findings, _finding(outputs, found.gone)),
        cut=True,
    )


def _model(config: dict[str, object], checkpoint: Checkpoint) -> Model:
    return parse_model(in_words_of_keras2(config, checkpoint))


def _by_name(checkpoint: Checkpoint, found: Cut, slots_of: SlotsOf) -> Groups:
    model = _model(checkpoint.model_config, checkpoint)
    names = {record.name for record in model.layers}
    gone, inner = set(found.gone) & names, set(found.gone) - names
    groups = _named(checkpoint, model, slots_of)
    lost: set[str] = set()
    if inner:
        matched = match_weights(model, checkpoint, slots_of, [])
        lost = {tensor.path for name in inner for tensor in tensors_of(_inside(matched, name.split("/")))}
    return {
        name: tuple(tensor for tensor in tensors if tensor.path not in lost)
        for name, tensors in groups.items()
        if name not in gone
    }


def _inside(weights: Weights, path: Sequence[str]) -> Weights:
    """The weights of a layer of a model inside; the names of both may hold slashes."""
    for length in range(len(path), 0, -1):
        child = weights.children.get("/".join(path[:length]))
        if child is not None:
            return child if length == len(path) else _inside(child, path[length:])
    return Weights()


def _named(checkpoint: Checkpoint, model: Model, slots_of: SlotsOf) -> Groups:
    """The groups under the names of the architecture, which a function may have chosen anew."""
    names = {record.name for record in model.layers}
    strangers = sorted(name for name, tensors in checkpoint.weights.items() if tensors and name not in names)
    if not strangers or checkpoint.kind != "weights":
        return dict(checkpoint.weights)
    try:
        found = group_names({record.name: slots_of(record) for record in model.layers}, checkpoint, [])
    except K2to3Error as error:
        hint = "name the layers of the architecture as the file does"
        text = f"--outputs: the file holds weights of {strangers}, which the architecture lacks"
        raise UsageError(text, hint=hint) from error
    return {name: tuple(checkpoint.weights[group]) for name, group in found.items()}


def _by_path(checkpoint: Checkpoint, found: Cut, slots_of: SlotsOf) -> Groups:
    """Numbered anew: paths count the layers of each class."""
    container = container_of(dict(checkpoint.weights))
    before = _paths(_model(checkpoint.model_config, checkpoint), slots_of, container)
    after = _paths(_model(found.config, checkpoint), slots_of, container)
    if any("/" in name and name not in before for name in found.gone):
        text = "--outputs: this file numbers its weights by class, also inside of models"
        raise UsageError(text, hint="name the layers of the outer model, or save the model as .h5")
    owners = {path: name for name, path in before.items()}
    groups: Groups = {}
    for path, tensors in checkpoint.weights.items():
        top, _, rest = path.removeprefix(f"{container}/").partition("/")
        owner = owners.get(top) if path.startswith(f"{container}/") else None
        if owner is None:
            groups[path] = tuple(tensors)
        elif owner in after:
            groups["/".join(part for part in (container, after[owner], rest) if part)] = tuple(tensors)
    return groups


def _paths(model: Model, slots_of: SlotsOf, container: str) -> dict[str, str]:
    layers = listed(model)
    slots = [slots_of(record) if container == CONTAINERS[1] else Slots() for record in layers]
    return dict(zip([record.name for record in layers], layer_names(layers, slots, container), strict=True))


def _finding(outputs: Sequence[str], gone: Sequence[str]) -> Finding:
    what = f"layers that they do not need are gone: {', '.join(gone)}" if gone else "they need every layer"
    return Finding(
        "accepted", "", "", f"cut to the outputs of {', '.join(outputs)}; {what}; without loss and optimizer"
    )
