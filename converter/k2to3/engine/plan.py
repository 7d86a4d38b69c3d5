"""The plan of a conversion: everything that will be written, before anything is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from k2to3.archive.native import check_native
from k2to3.archive.paths import Group, weight_groups
from k2to3.archive.requirements import Requirements, minor_of, refuse_newer, requirements
from k2to3.archive.serialise import Serialiser
from k2to3.engine.calls import convert_model
from k2to3.errors import K2to3Error, WeightMismatch
from k2to3.findings import Finding
from k2to3.keras2.given_vocabulary import with_vocabularies
from k2to3.keras2.input_shape import with_input_shape
from k2to3.keras2.keras1 import upgrade
from k2to3.keras2.keras1_order import with_orders
from k2to3.keras2.model import LayerRecord, Model
from k2to3.keras2.parse import parse_model
from k2to3.keras2.values.check import check_architecture
from k2to3.keras3.deep import split_deep
from k2to3.keras3.layer import Layer, Submodel
from k2to3.matching.paths import PathReader
from k2to3.matching.slots import Slots, Weights, assign, check_names
from k2to3.proof.record import record
from k2to3.rules import extras
from k2to3.rules.base import rule_class, slots_of
from k2to3.sources.checkpoint import Checkpoint
from k2to3.sources.tensors import StoredTensor
from k2to3.sources.variables import container_of
from k2to3.training.plan import plan_training
from k2to3.training.record import Training
from k2to3.training.state import NADAM_MOVED, NadamProduct

# What the archive claims to be written by; nothing reads it but people.
KERAS_VERSION = "3.0.0"
LOSS_SCALE_VARIABLES = 4


@dataclass(frozen=True)
class Plan:
    """A pure function of the architecture and the weights' names and shapes."""

    source: Model
    model: Submodel
    config: dict[str, Any]
    groups: list[Group]
    keras2_config: dict[str, Any]
    stored_config: dict[str, Any]
    requires: Requirements
    findings: list[Finding] = field(default_factory=list)
    training: Training = field(default_factory=Training)


def make_plan(checkpoint: Checkpoint, *, compile: bool = True, min_keras: str | None = None) -> Plan:
    """Plan the conversion of an open checkpoint; reads no tensor data.

    `compile=False` leaves the optimizer, losses and metrics out. `min_keras` (`3.3`) asks
    for a form that this release opens.

    Raises:
        K2to3Error: the first thing that cannot be converted exactly.
    """
    try:
        return _plan(checkpoint, compile, min_keras)
    except K2to3Error as error:
        raise error.located(file=str(checkpoint.path)) from error.__cause__


def _plan(checkpoint: Checkpoint, compile: bool, min_keras: str | None) -> Plan:
    stored = stored_architecture(checkpoint)
    keras2_config = in_words_of_keras2(stored, checkpoint)
    model = parse_model(keras2_config)
    findings: list[Finding] = []
    weights = match_weights(model, checkpoint, findings)
    root = LayerRecord("Functional", model.name, {}, model=model)
    converted = convert_model(root, weights, [], checkpoint.writer, findings)
    split_deep(converted, findings)
    serialiser = Serialiser() if min_keras is None else Serialiser(minor_of(min_keras))
    config = serialiser.model(converted)
    groups = weight_groups(converted, serialiser)
    _check_all_used(weights, groups, model, findings)
    _check_names(weights, model, checkpoint)
    training = Training()
    if compile:
        training = plan_training(
            checkpoint, model, weights, converted, serialiser, findings, 0 if min_keras is None else minor_of(min_keras)
        )
    if training.compile_config is not None:
        config = {**serialiser.model(converted), "compile_config": training.compile_config}
    groups += _optimizer_groups(training)
    # What no judge could be given is refused whether or not there will be one.
    record(keras2_config)
    record((compile and checkpoint.training_config) or {})
    custom = extras.current().custom
    check_native(config, None if custom is None else custom.knows)
    if min_keras is not None:
        refuse_newer(config, serialiser.patient, min_keras)
    requires = _with_state(requirements(config, serialiser.patient), training)
    return Plan(model, converted, config, groups, keras2_config, stored, requires, findings, training)


def _with_state(requires: Requirements, training: Training) -> Requirements:
    """Nadam's variables in their present order load from Keras 3.10 on."""
    nadam = any(isinstance(variable, NadamProduct) for variable in training.variables)
    if not nadam or minor_of(requires.keras) >= NADAM_MOVED:
        return requires
    return replace(requires, keras=f"3.{NADAM_MOVED}", because=("the state of Nadam",))


def _optimizer_groups(training: Training) -> list[Group]:
    """Where Keras 3 looks for the optimizer's variables."""
    if not training.variables or training.optimizer is None:
        return []
    name, found = training.optimizer.class_name, training.variables
    groups = [Group("optimizer", Layer("optimizer", name), found)]
    if training.optimizer.inner is not None:
        # A LossScaleOptimizer stores those of the inner one twice.
        inner = Layer("inner_optimizer", training.optimizer.inner.class_name)
        groups.append(Group("optimizer/inner_optimizer", inner, found[LOSS_SCALE_VARIABLES:]))
    return groups


def stored_architecture(checkpoint: Checkpoint) -> dict[str, Any]:
    """The architecture in the author's words, completed by what the user said of it."""
    own = extras.current()
    check_architecture(checkpoint.model_config, rule_class)
    return with_vocabularies(with_input_shape(checkpoint.model_config, own.input_shape), own.vocabularies)


def keras2_architecture(checkpoint: Checkpoint) -> dict[str, Any]:
    """The architecture in Keras 2's words."""
    return in_words_of_keras2(stored_architecture(checkpoint), checkpoint)


def in_words_of_keras2(config: dict[str, Any], checkpoint: Checkpoint) -> dict[str, Any]:
    """The stored architecture, upgraded where Keras 1 wrote it."""
    return upgrade(with_orders(config)) if checkpoint.writer.keras1 else config


def match_weights(model: Model, checkpoint: Checkpoint, findings: list[Finding]) -> Weights:
    """Give every layer the tensors of its group.

    Raises:
        WeightMismatch: a layer without its weights, or weights without a layer.
    """
    if checkpoint.by_path:
        return _by_path(model, checkpoint, findings)
    groups = checkpoint.weights
    wanted = {r.name: slots_of(r, checkpoint.writer) for r in model.layers}
    stored = [name for name, tensors in groups.items() if tensors]
    with_weights = _with_weights(wanted, stored)
    names = _by_order(with_weights, stored, checkpoint, findings)
    extra = set(stored) - set(names.values())
    if extra:
        raise WeightMismatch(f"the file holds weights of {sorted(extra)}, which no layer takes")
    children = {
        name: assign(slots, groups.get(names.get(name, name), ()), checkpoint.writer, name)
        for name, slots in wanted.items()
    }
    return Weights(children=children)


def weights_by_layer(model: Model, checkpoint: Checkpoint) -> Mapping[str, Sequence[StoredTensor]]:
    """The tensors of each layer, as far as they can be matched."""
    if not checkpoint.by_path:
        return checkpoint.weights
    try:
        found = match_weights(model, checkpoint, [])
    except K2to3Error:
        return {}
    return {name: _tensors(child) for name, child in found.children.items()}


def _by_path(model: Model, checkpoint: Checkpoint, findings: list[Finding]) -> Weights:
    groups = dict(checkpoint.weights)
    reader = PathReader(groups, checkpoint.writer, container_of(groups))
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


def _check_names(weights: Weights, model: Model, checkpoint: Checkpoint) -> None:
    # Archives and `.weights.h5` files number their variables.
    if checkpoint.writer.keras1 or checkpoint.kind not in ("model", "weights", "saved_model"):
        return
    for name, child in weights.children.items():
        if model.layer(name).class_name not in extras.current().treat_as:
            check_names(child, name)


def _check_all_used(weights: Weights, groups: list[Group], model: Model, findings: list[Finding]) -> None:
    used = {tensor.path for group in groups for e in group.variables for tensor in e.sources()}
    unused: dict[str, list[StoredTensor]] = {}
    for name, child in weights.children.items():
        for tensor in _tensors(child):
            if tensor.path not in used:
                unused.setdefault(name, []).append(tensor)
    for name, tensors in unused.items():
        layer = model.layer(name)
        _explain_unused(layer, tensors, findings)


def _explain_unused(layer: LayerRecord, tensors: list[StoredTensor], findings: list[Finding]) -> None:
    names = ", ".join(tensor.name for tensor in tensors)
    allowed = any(f.kind == "dropped" and f.layer == layer.name for f in findings)
    if not allowed:
        raise WeightMismatch(f"weights {names} would not be used", layer=layer.name)


def _tensors(weights: Weights) -> list[StoredTensor]:
    own = [tensor for e in weights.slots.values() for tensor in e.sources()]
    return own + [tensor for child in weights.children.values() for tensor in _tensors(child)]
