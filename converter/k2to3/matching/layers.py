"""Which layer owns which weights of a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from k2to3.errors import K2to3Error, WeightMismatch
from k2to3.findings import Finding
from k2to3.keras2.model import Model
from k2to3.matching.open_slots import assign
from k2to3.matching.paths import PathReader, SlotsOf
from k2to3.matching.slots import Slots, Weights
from k2to3.sources.checkpoint import Checkpoint
from k2to3.sources.tensors import StoredTensor
from k2to3.sources.variables import container_of


def match_weights(model: Model, checkpoint: Checkpoint, slots_of: SlotsOf, findings: list[Finding]) -> Weights:
    """Give every layer the tensors of its group.

    Raises:
        WeightMismatch: a layer without its weights, or weights without a layer.
    """
    if checkpoint.by_path:
        return _by_path(model, checkpoint, slots_of, findings)
    groups = checkpoint.weights
    wanted = {r.name: slots_of(r) for r in model.layers}
    names = group_names(wanted, checkpoint, findings)
    children = {
        name: assign(slots, groups.get(names.get(name, name), ()), checkpoint.writer, name)
        for name, slots in wanted.items()
    }
    return Weights(children=children)


def group_names(wanted: Mapping[str, Slots], checkpoint: Checkpoint, findings: list[Finding]) -> dict[str, str]:
    """The group of each layer that has weights.

    Raises:
        WeightMismatch: a layer without its weights, or weights without a layer.
    """
    stored = [name for name, tensors in checkpoint.weights.items() if tensors]
    names = _by_order(_with_weights(wanted, stored), stored, checkpoint, findings)
    extra = set(stored) - set(names.values())
    if extra:
        raise WeightMismatch(f"the file holds weights of {sorted(extra)}, which no layer takes")
    return names


def weights_by_layer(model: Model, checkpoint: Checkpoint, slots_of: SlotsOf) -> Mapping[str, Sequence[StoredTensor]]:
    """The tensors of each layer, as far as they can be matched."""
    if not checkpoint.by_path:
        return checkpoint.weights
    try:
        found = match_weights(model, checkpoint, slots_of, [])
    except K2to3Error:
        return {}
    return {name: tensors_of(child) for name, child in found.children.items()}


def _by_path(model: Model, checkpoint: Checkpoint, slots_of: SlotsOf, findings: list[Finding]) -> Weights:
    groups = dict(checkpoint.weights)
    reader = PathReader(groups, slots_of, container_of(groups))
    weights = reader.model(model, "")
    reader.finish()
    if checkpoint.nameless_optimizer:
        findings.append(Finding("dropped", "", "", "the optimizer: the file does not say which it is"))
    return weights


def _with_weights(wanted: Mapping[str, Slots], stored: list[str]) -> list[str]:
    """Layers that have weights; of an open one only the file knows."""
    certain = [name for name, slots in wanted.items() if slots.count() or (_open(slots) and name in stored)]
    maybe = [name for name, slots in wanted.items() if slots.count() or _open(slots)]
    return maybe if len(certain) != len(stored) == len(maybe) else certain


def _open(slots: Slots) -> bool:
    return next(slots.opened(), None) is not None


def _by_order(wanted: list[str], stored: list[str], checkpoint: Checkpoint, findings: list[Finding]) -> dict[str, str]:
    """Layer name → group name: by name; in weights-only files by order if names differ.

    Keras's own `load_weights` matches by order, so a rebuilt model may name its layers
    otherwise.
    """
    known = set(stored)
    if set(wanted) == known or checkpoint.kind != "weights" or len(wanted) != len(stored):
        missing = [name for name in wanted if name not in known]
        if missing:
            raise WeightMismatch(f"the file holds no weights of layer {missing[0]!r}", layer=missing[0])
        return {name: name for name in wanted}
    findings.append(
        Finding(
            "warning",
            "",
            "",
            "layer names differ from the architecture's; matched by order, as load_weights does",
        )
    )
    return dict(zip(wanted, stored, strict=True))


def tensors_of(weights: Weights) -> list[StoredTensor]:
    own = [tensor for e in weights.slots.values() for tensor in e.sources()]
    return own + [tensor for child in weights.children.values() for tensor in tensors_of(child)]
