"""The optimizer's arrays in a checkpoint, matched to weights by name, else by order."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import field

from k2to3.dataclass import dataclass
from k2to3.matching.slots import base_name
from k2to3.sources.json_text import Json
from k2to3.sources.tensors import StoredTensor
from k2to3.training.schedules import Unsupported
from k2to3.training.slots import SLOTS, UNNAMED, slot_names

# One scalar each, whatever the optimizer.
COUNTERS = {"iterations": "iterations", "iter": "iterations", "iteration": "iterations"}
SCALARS = {**COUNTERS, "momentum_cache": "momentum_cache", "m_schedule": "momentum_cache"}
SCALES = {"current_loss_scale": "scale", "loss_scale": "scale", "good_steps": "good_steps"}


@dataclass(frozen=True)
class OptimizerSlots:
    """`of[slot][weight path]`, and the scalars by their plain name."""

    of: Mapping[str, Mapping[str, StoredTensor]] = field(default_factory=dict)
    scalars: Mapping[str, StoredTensor] = field(default_factory=dict)

    @property
    def fresh(self) -> bool:
        """Whether the model was compiled and never trained: there are no arrays, and no step was counted."""
        steps = self.scalars.get("iterations")
        return not self.of and (steps is None or int(steps.read()) == 0)

    def find(self, names: Sequence[str]) -> Mapping[str, StoredTensor] | None:
        return next((self.of[name] for name in names if name in self.of), None)


def read_slots(
    class_name: str, config: Json, tensors: Sequence[StoredTensor], weights: Sequence[StoredTensor]
) -> OptimizerSlots:
    """Sort the arrays of `optimizer_weights`.

    Raises:
        Unsupported: their number, names or shapes do not fit the weights.
    """
    scalars, rest = _scalars(tensors)
    known = slot_names(class_name)
    named = [(_split(tensor.name, known), tensor) for tensor in rest]
    if all(slot for (slot, _), _ in named):
        return OptimizerSlots(_named(named, weights), scalars)
    return OptimizerSlots(_unnamed(class_name, config, rest, weights), scalars)


def _scalars(tensors: Sequence[StoredTensor]) -> tuple[dict[str, StoredTensor], list[StoredTensor]]:
    found: dict[str, StoredTensor] = {}
    rest: list[StoredTensor] = []
    for tensor in tensors:
        last = tensor.name.rsplit("/", 1)[-1].split(":")[0]
        label = {**SCALARS, **SCALES}.get(re.sub(r"_\d+$", "", last))
        if label and tensor.shape == () and label not in found:
            found[label] = tensor
        elif tensor.shape == () and tensor.dtype.startswith("int") and not rest and not found:
            # Theano's `param_0`: only the number of steps is an integer.
            found["iterations"] = tensor
        else:
            rest.append(tensor)
    return found, rest


def _split(name: str, known: frozenset[str]) -> tuple[str, str]:
    """(slot, weight name): `Adam/dense/kernel/m:0` or `Adam/m/dense/kernel:0`."""
    # A loss scale applies gradients under a condition, which becomes part of names.
    parts = re.sub(r"^(cond(_\d+)?/)+", "", name.split(":")[0]).split("/")
    last = re.sub(r"_\d+$", "", parts[-1])
    start = 2 if parts[0].startswith("training") else 1
    # Keras 2.3.1 numbers its arrays (`accumulator_0`) and names no weight.
    if len(parts) > start + 1 and last in known:
        return last, "/".join(parts[start:-1])
    if len(parts) >= 3 and parts[1] in known:
        return parts[1], "/".join(parts[2:])
    # Inside a LossScaleOptimizer of tf-keras.
    if len(parts) >= 2 and parts[0] in known:
        return parts[0], "/".join(parts[1:])
    return "", ""


def _named(
    named: Sequence[tuple[tuple[str, str], StoredTensor]], weights: Sequence[StoredTensor]
) -> dict[str, dict[str, StoredTensor]]:
    groups: dict[str, list[tuple[str, StoredTensor]]] = {}
    for (slot, weight), tensor in named:
        groups.setdefault(slot, []).append((weight, tensor))
    return {slot: _match(slot, items, weights) for slot, items in groups.items()}


def _match(
    slot: str, items: list[tuple[str, StoredTensor]], weights: Sequence[StoredTensor]
) -> dict[str, StoredTensor]:
    by_name = dict(items)
    names = [weight.name.split(":")[0] for weight in weights]
    if len(by_name) == len(items) and len(set(names)) == len(names) and set(by_name) <= set(names):
        return {w.path: by_name[name] for w, name in zip(weights, names, strict=True) if name in by_name}
    if len(items) != len(weights):
        raise Unsupported(f"the file holds {len(items)} arrays {slot!r} for {len(weights)} trained weights")
    found = {}
    for weight, (name, tensor) in zip(weights, items, strict=True):
        if base_name(name) != base_name(weight.name):
            raise Unsupported(f"array {tensor.name!r} does not belong to weight {weight.name!r}")
        found[weight.path] = tensor
    return found


def _unnamed(
    class_name: str, config: Json, tensors: Sequence[StoredTensor], weights: Sequence[StoredTensor]
) -> dict[str, dict[str, StoredTensor]]:
    kinds = UNNAMED.get(class_name)
    count = len(weights)
    if kinds is None or not count:
        raise Unsupported(f"the arrays of {class_name} have no names")
    bases = {base_name(weight.name) for weight in weights}
    if known := next((tensor.name for tensor in tensors if base_name(tensor.name) in bases), None):
        # Their order is another one, and shapes would not always tell.
        raise Unsupported(f"array {known!r} carries the name of a weight, but does not say what it is of {class_name}")
    if class_name == "Adam":
        # From 2.1.3 on; without AMSGrad they are placeholders of one element.
        kinds = kinds if len(tensors) == 2 * count else ("m", "v", "vhat")
    if len(tensors) != count * len(kinds):
        raise Unsupported(f"the file holds {len(tensors)} optimizer arrays for {count} trained weights")
    found = {}
    for index, kind in enumerate(kinds):
        part = tensors[index * count : (index + 1) * count]
        if kind == "vhat" and not config.get("amsgrad"):
            continue
        found[kind] = {weight.path: tensor for weight, tensor in zip(weights, part, strict=True)}
    return found


def check_shapes(class_name: str, slots: OptimizerSlots, weights: Sequence[StoredTensor]) -> None:
    """Every array has the shape of its weight (Adafactor's factors aside).

    Raises:
        Unsupported: one has not.
    """
    if class_name not in SLOTS:
        return
    for kind, tensors in slots.of.items():
        for weight in weights:
            tensor = tensors.get(weight.path)
            if tensor is not None and tensor.shape != _shape(class_name, kind, weight.shape):
                raise Unsupported(f"array {tensor.name!r} has shape {tensor.shape}, its weight {weight.shape}")


def _shape(class_name: str, kind: str, shape: tuple[int, ...]) -> tuple[int, ...]:
    if class_name == "Adafactor" and kind == "r":
        return shape[:-1]
    if class_name == "Adafactor" and kind == "c":
        return (*shape[:-2], shape[-1])
    return shape
