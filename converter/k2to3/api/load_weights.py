"""The verb load_weights."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Unpack

from k2to3.api.reading import read_options
from k2to3.archive.serialise import Serialiser
from k2to3.boundary import boundary
from k2to3.custom.session import opened_rules
from k2to3.dataclass import dataclass
from k2to3.engine.layers import apply_rule, read_layer
from k2to3.engine.models import new_conversion
from k2to3.engine.nested import nested_composite
from k2to3.engine.plan import make_plan
from k2to3.errors import UsageError, WeightMismatch
from k2to3.findings import Finding
from k2to3.installed import check_installed
from k2to3.keras2.model import LayerRecord, Model
from k2to3.keras3.graph import tensors
from k2to3.keras3.layer import Layer
from k2to3.live.described import check_defaults, inputs_of, is_model, model_record, named, sublayers
from k2to3.live.filled import Pairing
from k2to3.matching.layers import match_weights
from k2to3.matching.slots import Weights
from k2to3.options.records import Options
from k2to3.options.words import LoadWeightsOptions, PathLike, defaults
from k2to3.publish.inputs import check_openable
from k2to3.rules.language import Composite, Conversion
from k2to3.sources.architecture import Architecture
from k2to3.sources.bare import read_bare
from k2to3.sources.checkpoint import Checkpoint
from k2to3.sources.read import read_checkpoint


@dataclass(frozen=True)
class Loaded:
    """What `load_weights` did: how many variables, layers that the other side does not have, findings."""

    writer: str
    variables: int
    not_in_file: tuple[str, ...] = ()
    not_in_model: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def load_weights(model: Any, source: PathLike, **options: Unpack[LoadWeightsOptions]) -> Loaded:
    """Fill a live, built Keras 3 model with the weights of a Keras 1/2 file: a whole model or weights alone.

    Layers are matched by name, then by order with a warning. Layouts are transformed (gates, CuDNN, flipped kernels,
    the slope of `hard_sigmoid`); nothing is changed before all of it is known to fit. A model that says something else
    than the file means is refused. `options`: see `k2to3.options.words.LoadWeightsOptions`.

    Raises:
        WeightMismatch: layers without weights or weights without a layer (`partial=True` loads the rest).
        UnsupportedOption: the model computes something else.
    """
    check_installed("keras", "tensorflow", "load_weights")
    import keras

    with boundary(os.fspath(source)):
        read = read_options(options, LoadWeightsOptions)
        check_openable([source])
        if not getattr(model, "built", False) or not is_model(model):
            raise UsageError("load_weights wants a built Sequential or Functional model")
        said = {**defaults(LoadWeightsOptions), **options}
        pairing = Pairing(keras.saving.serialize_keras_object, said["partial"])
        path = Path(source)
        with ExitStack() as stack:
            rules = stack.enter_context(opened_rules(read.model))
            checkpoint, alone = _opened(path, read)
            stack.enter_context(checkpoint)
            conversion = new_conversion(checkpoint.writer, rules, read.model)
            if alone:
                _alone(pairing, model, checkpoint, conversion, said["defaults_said"])
            else:
                plan = make_plan(checkpoint, rules, read.model, compile=False)
                conversion.findings.extend(plan.findings)
                pairing.model(plan.model, model, Serialiser())
                pairing.operations(plan.model, model, plan.findings)
            _check_complete(pairing, path)
            count = pairing.fill()
        warnings = [Finding("warning", "", "", text) for text in pairing.warnings]
        return Loaded(
            str(checkpoint.writer),
            count,
            tuple(pairing.not_in_file),
            tuple(pairing.not_in_model),
            (*conversion.findings, *warnings),
        )


def _opened(path: Path, options: Options) -> tuple[Checkpoint, bool]:
    """The checkpoint, and whether the model has to say what its weights are."""
    bare = read_bare(path, options.limits, options.author) if options.architecture is None else None
    given: Path | Architecture | None = options.architecture
    if bare is not None and bare.kind != "checkpoint":
        given = Architecture({"class_name": "Sequential", "config": {"name": "m", "layers": []}}, rebuilt=True)
    return read_checkpoint(path, given, options.limits, options.author), isinstance(given, Architecture)


def _alone(pairing: Pairing, model: Any, checkpoint: Checkpoint, conversion: Conversion, defaults_said: bool) -> None:
    """Weights alone: each layer of the model is read as the author's Keras would have it."""
    described = model_record(model, pairing.serialize)
    if pairing.partial and not checkpoint.by_path:
        checkpoint, described = _shared(pairing, model, checkpoint, described)
    slots = partial(conversion.rules.slots, writer=checkpoint.writer)
    weights = match_weights(described, checkpoint, slots, conversion.findings)
    _layers(pairing, model, described.layers, weights, conversion, defaults_said)


def _shared(pairing: Pairing, model: Any, checkpoint: Checkpoint, described: Model) -> tuple[Checkpoint, Model]:
    """What both sides have by name."""
    stored = {name for name, tensors in checkpoint.weights.items() if tensors}
    live = set(named(model))
    pairing.not_in_model += sorted(stored - live)
    pairing.not_in_file += sorted(live - stored)
    weights = {name: tensors for name, tensors in checkpoint.weights.items() if name in live}
    layers = tuple(record for record in described.layers if record.name in stored or record.name not in live)
    return replace(checkpoint, weights=weights), replace(described, layers=layers)


def _layers(
    pairing: Pairing,
    model: Any,
    records: tuple[LayerRecord, ...],
    weights: Weights,
    conversion: Conversion,
    defaults_said: bool,
) -> None:
    lives = {layer.name: layer for layer in sublayers(model)}
    for record in records:
        live, own = lives[record.name], weights.child(record.name)
        if record.model is not None:
            _layers(pairing, live, record.model.layers, own, conversion, defaults_said)
            continue
        if not defaults_said:
            check_defaults(record, conversion.writer)
        pairing.layer(_planned(live, record, own, conversion), live, record.name, Serialiser())


def _planned(live: Any, record: LayerRecord, weights: Weights, conversion: Conversion) -> Layer:
    """What the layer becomes if the author's Keras had it."""
    first, others = inputs_of(live)
    context = read_layer(record, weights, first, record.name, conversion)
    context.args, context.kwargs = first, others
    outcome = apply_rule(context)
    if isinstance(outcome, Composite):
        specs = [(tensor.shape, tensor.dtype) for tensor in tensors(first)]
        return nested_composite(replace(outcome, inline=False), record.name, specs)
    return outcome.layer


def _check_complete(pairing: Pairing, path: Path) -> None:
    if pairing.partial:
        return
    for names, text in (
        (pairing.not_in_model, "the file holds weights of {}, which the model does not have"),
        (pairing.not_in_file, "the file holds no weights of {}, which the model has"),
    ):
        if names:
            raise WeightMismatch(
                text.format(", ".join(map(repr, names))), file=str(path), hint="partial=True loads the rest"
            )
