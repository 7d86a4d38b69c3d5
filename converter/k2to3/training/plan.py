"""The plan for the training state; whatever cannot be carried is a finding, never a failure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from k2to3.archive.serialise import Serialiser
from k2to3.counting import shortened
from k2to3.errors import K2to3Error
from k2to3.findings import Finding
from k2to3.keras2.model import Model
from k2to3.keras3.graph import Submodel
from k2to3.matching.slots import Weights
from k2to3.rules.language import Conversion
from k2to3.sources.checkpoint import Checkpoint
from k2to3.training.compiled import compile_config
from k2to3.training.compiled_order import as_compiled
from k2to3.training.dense import densify
from k2to3.training.drift import compare_training, walk
from k2to3.training.hyperparameters import read_optimizer
from k2to3.training.numbered import named_by_path
from k2to3.training.record import Optimizer, Training
from k2to3.training.schedules import Unsupported
from k2to3.training.state import optimizer_variables
from k2to3.training.stored import check_shapes, read_slots
from k2to3.training.variables import Trained, trained_by_keras2, trained_by_keras3


def plan_training(
    checkpoint: Checkpoint,
    model: Model,
    weights: Weights,
    target: Submodel,
    serialiser: Serialiser,
    conversion: Conversion,
    oldest: int = 0,
) -> Training:
    """Compile the archive as the checkpoint was compiled, if it was.

    `model` and `weights` are Keras 2's, `target` is the model of the archive; `oldest` the
    minor version of the oldest Keras 3 that must open it.
    """
    given, findings = checkpoint.training_config, conversion.findings
    if not given:
        return Training()
    try:
        optimizer = read_optimizer(given.get("optimizer_config"), checkpoint.writer)
        config, losses = compile_config(optimizer, given, model, findings)
    except Unsupported as error:
        findings.append(Finding("dropped", "", "compile", f"{error}; the archive is not compiled"))
        return Training()
    if any(r.class_name == "AddLoss" for r in walk(model)):
        findings.append(Finding("dropped", "", "compile", "the model adds losses of its own; compile it again"))
        return Training()
    training = Training(config, optimizer=optimizer, losses=losses)
    densify(optimizer, target, serialiser, findings)
    try:
        trained = trained_by_keras3(target, serialiser)
        _add_state(training, checkpoint, model, weights, trained, conversion, oldest)
    except (Unsupported, K2to3Error) as error:
        text = error.message if isinstance(error, K2to3Error) else str(error)
        training.differs.append(f"the optimizer starts afresh: {text}")
        trained = []
    compare_training(training, model, target, serialiser, conversion, trained)
    _report(training, findings)
    return training


def _add_state(
    training: Training,
    checkpoint: Checkpoint,
    model: Model,
    weights: Weights,
    trained: Sequence[Trained],
    conversion: Conversion,
    oldest: int,
) -> None:
    """Fill in `variables`.

    Raises:
        Unsupported: the state of the optimizer cannot be carried.
    """
    assert training.optimizer is not None
    optimizer = training.optimizer
    inner = optimizer.inner or optimizer
    before = trained_by_keras2(model, weights, partial(conversion.rules.slots, writer=checkpoint.writer))
    _same_weights(trained, {tensor.path for tensor in before})
    before = as_compiled(before, checkpoint.writer)
    arrays = checkpoint.optimizer_weights()
    if checkpoint.by_path:
        arrays = named_by_path(optimizer.class_name, optimizer.config, arrays, before)
    slots = read_slots(inner.class_name, inner.config, arrays, before)
    check_shapes(inner.class_name, slots, before)
    training.variables = optimizer_variables(optimizer, slots, trained, oldest)
    if "iterations" not in slots.scalars and _counts(inner):
        text = f"{inner.class_name}: the file holds no number of steps; counting starts at 0, as in Keras 2"
        conversion.findings.append(Finding("warning", "", "optimizer", text))


def _counts(optimizer: Optimizer) -> bool:
    return optimizer.scheduled


def _same_weights(trained: Sequence[Trained], before: set[str]) -> None:
    """Both Kerases train the same weights.

    Raises:
        Unsupported: a layer is frozen in one of them only.
    """
    after: set[str] = set()
    for variable in trained:
        paths = {tensor.path for tensor in variable.expression.sources()}
        if not paths <= before:
            raise Unsupported(f"layer {variable.layer!r} is frozen in the checkpoint, but Keras 3 trains it")
        after |= paths
    if missing := before - after:
        raise Unsupported(f"weight {sorted(missing)[0]!r} was trained, but is not in Keras 3")


def _report(training: Training, findings: list[Finding]) -> None:
    def note(text: Any) -> None:
        findings.append(Finding("warning", "", "training", str(text)))

    for text in training.differs:
        note(f"further training differs: {text}")
    for text in [*training.close, *training.unsteady]:
        note(f"further training is close: {text}")
    if training.moving:
        note(
            f"BatchNormalization {shortened(training.moving)}: Keras 2 multiplied the batch variance by N/(N-1) (on "
            "Theano with epsilon added) before it entered the moving variance, which Keras 3 does not"
        )
    if training.debiased:
        note(
            f"BatchNormalization {shortened(training.debiased)}: Keras 2.1 and 2.2 forgot the moving statistics when "
            "training went on after loading (zero_debias); Keras 3 goes on from them"
        )
