"""The plan of a conversion: everything that will be written, before anything is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from k2to3.archive.integers import integer_needs
from k2to3.archive.keras_archive import Archive
from k2to3.archive.native import check_native
from k2to3.archive.paths import Group, weight_groups
from k2to3.archive.requirements import Requirements, minor_of, refuse_newer, requirements
from k2to3.archive.serialise import Serialiser
from k2to3.engine.models import convert_model, new_conversion
from k2to3.errors import K2to3Error, WeightMismatch
from k2to3.findings import Finding
from k2to3.keras2.given_vocabulary import with_vocabularies
from k2to3.keras2.input_shape import with_input_shape
from k2to3.keras2.keras1 import upgrade
from k2to3.keras2.keras1_order import with_orders
from k2to3.keras2.model import LayerRecord, Model
from k2to3.keras2.parse import parse_model
from k2to3.keras2.plain_record import record
from k2to3.keras2.values.check import check_architecture
from k2to3.keras3.deep import split_deep
from k2to3.keras3.finish import Closed
from k2to3.keras3.graph import Submodel
from k2to3.keras3.layer import Layer
from k2to3.matching.layers import match_weights, tensors_of
from k2to3.matching.slots import Weights, check_names
from k2to3.options.records import ModelOptions
from k2to3.rules.language import Conversion, Rules
from k2to3.rules.packages import recognised
from k2to3.rules.rulebook import Rulebook
from k2to3.sources.checkpoint import Checkpoint
from k2to3.sources.tensors import StoredTensor
from k2to3.training.record import Training

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
    closed: Mapping[Submodel, Closed]
    findings: list[Finding] = field(default_factory=list)
    training: Training = field(default_factory=Training)
    used: frozenset[tuple[str, str]] = frozenset()
    """Options by name that meant something here; see `Conversion.used`."""

    @property
    def archive(self) -> Archive:
        """What is written."""
        return Archive(self.config, self.groups, KERAS_VERSION)


def make_plan(
    checkpoint: Checkpoint,
    rules: Rulebook | None = None,
    options: ModelOptions | None = None,
    *,
    compile: bool = True,
    min_keras: str | None = None,
) -> Plan:
    """Plan the conversion of an open checkpoint; reads no tensor data.

    `rules` and `options` hold what the user adds to the built-in rules and to the file.
    `compile=False` leaves the optimizer, losses and metrics out. `min_keras` (`3.3`) asks
    for a form that this release opens.

    Raises:
        K2to3Error: the first thing that cannot be converted exactly.
    """
    try:
        findings: list[Finding] = []
        known = recognised(rules or Rulebook(), checkpoint.model_config, findings)
        conversion = new_conversion(checkpoint.writer, known, options or ModelOptions())
        conversion.findings.extend(findings)
        return _plan(checkpoint, conversion, compile, min_keras)
    except K2to3Error as error:
        raise error.located(file=str(checkpoint.path)) from error.__cause__


def _plan(checkpoint: Checkpoint, conversion: Conversion, compile: bool, min_keras: str | None) -> Plan:
    rules, findings = conversion.rules, conversion.findings
    findings.extend(checkpoint.findings)
    stored = stored_architecture(checkpoint, rules, conversion.options)
    keras2_config = in_words_of_keras2(stored, checkpoint)
    model = parse_model(keras2_config)
    weights = match_weights(model, checkpoint, partial(rules.slots, writer=checkpoint.writer), findings)
    root = LayerRecord("Functional", model.name, {}, model=model)
    converted = convert_model(root, weights, [], conversion)
    split_deep(converted, findings)
    serialiser = Serialiser() if min_keras is None else Serialiser(minor_of(min_keras))
    config = serialiser.model(converted)
    groups = weight_groups(converted, serialiser)
    _check_all_used(weights, groups, model, findings)
    _check_names(weights, model, checkpoint, rules)
    training = Training()
    if compile and checkpoint.training_config:
        from k2to3.training.plan import plan_training

        oldest = 0 if min_keras is None else minor_of(min_keras)
        training = plan_training(checkpoint, model, weights, converted, serialiser, conversion, oldest)
    if training.compile_config is not None:
        config = {**serialiser.model(converted), "compile_config": training.compile_config}
    groups += _optimizer_groups(training)
    # What no judge could be given is refused whether or not there will be one.
    record(keras2_config)
    record((compile and checkpoint.training_config) or {})
    check_native(config, None if rules.custom is None else rules.custom.knows)
    if min_keras is not None:
        refuse_newer(config, serialiser.inputs_first, min_keras)
    requires = _with_state(requirements(config, serialiser.inputs_first, integer_needs(converted)), training)
    return Plan(
        model,
        converted,
        config,
        groups,
        keras2_config,
        stored,
        requires,
        serialiser.closed,
        findings,
        training,
        frozenset(conversion.used),
    )


def _with_state(requires: Requirements, training: Training) -> Requirements:
    """Nadam's variables in their present order load from Keras 3.10 on."""
    if not training.variables:
        return requires
    from k2to3.training.state import NADAM_MOVED, NadamProduct

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


def stored_architecture(checkpoint: Checkpoint, rules: Rules, options: ModelOptions) -> dict[str, Any]:
    """The architecture in the author's words, completed by what the user said of it."""
    check_architecture(checkpoint.model_config, rules.read_as)
    shaped = with_input_shape(checkpoint.model_config, options.input_shape, options.input_shapes)
    return with_vocabularies(shaped, options.vocabularies)


def in_words_of_keras2(config: dict[str, Any], checkpoint: Checkpoint) -> dict[str, Any]:
    """The stored architecture, upgraded where Keras 1 wrote it.

    Weights of Keras 1 may come with an architecture in later words, which says so.
    """
    later = str(config.get("keras_version", "")).startswith("2")
    return upgrade(with_orders(config)) if checkpoint.writer.keras1 and not later else config


def _check_names(weights: Weights, model: Model, checkpoint: Checkpoint, rules: Rules) -> None:
    # Archives and `.weights.h5` files number their variables.
    if checkpoint.writer.keras1 or checkpoint.kind not in ("model", "weights", "saved_model"):
        return
    for name, child in weights.children.items():
        if model.layer(name).class_name not in rules.treat_as:
            check_names(child, name)


def _check_all_used(weights: Weights, groups: list[Group], model: Model, findings: list[Finding]) -> None:
    used = {tensor.path for group in groups for e in group.variables for tensor in e.sources()}
    unused: dict[str, list[StoredTensor]] = {}
    for name, child in weights.children.items():
        for tensor in tensors_of(child):
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
