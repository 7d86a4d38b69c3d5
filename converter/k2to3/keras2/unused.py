"""What a model computes for its losses alone, and that Keras 3 has no place for."""

from __future__ import annotations

from k2to3.keras2.model import OP_LAYERS, Model, leaves

TRAINING_ONLY = frozenset({"AddLoss", "AddMetric"})


def for_losses_alone(model: Model) -> frozenset[str]:
    """Names of operations, and of the losses and metrics that they feed, from which nothing reaches an output.

    `add_loss` of a functional model leaves them behind. Other layers stay: they hold weights, or names.
    """
    users: dict[str, set[str]] = {}
    for record in model.layers:
        for call in record.calls:
            for ref in call.refs():
                users.setdefault(ref.layer, set()).add(record.name)
    outputs = {ref.layer for ref in leaves(model.outputs)}
    found = {r.name for r in model.layers if r.class_name in OP_LAYERS | TRAINING_ONLY} - outputs
    waiting = list(found)
    while waiting:
        name = waiting.pop()
        if name in found and not users.get(name, set()) <= found:
            found.discard(name)
            waiting += [ref.layer for call in model.layer(name).calls for ref in call.refs()]
    return frozenset(found)
