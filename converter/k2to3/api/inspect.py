"""What is in a file: who wrote it, what will change, what blocks."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Unpack

from k2to3.api.reading import read_options
from k2to3.boundary import boundary
from k2to3.custom.session import opened_rules
from k2to3.engine.author_code import author_code
from k2to3.engine.plan import in_words_of_keras2, make_plan, stored_architecture
from k2to3.errors import K2to3Error, UnsafeFile
from k2to3.keras2.model import Model
from k2to3.keras2.parse import parse_model
from k2to3.matching.layers import weights_by_layer
from k2to3.options.records import Options
from k2to3.options.words import InspectOptions
from k2to3.publish.inputs import check_openable
from k2to3.report.graphs import graphs_of, old_graph
from k2to3.report.guessed_class import likely_class
from k2to3.report.inspected import Inspection
from k2to3.report.refused import refused_by_keras3
from k2to3.rules.rulebook import Rulebook
from k2to3.sources.architecture import HINT
from k2to3.sources.bare import Bare, read_bare
from k2to3.sources.checkpoint import Checkpoint
from k2to3.sources.read import read_checkpoint
from k2to3.sources.tensors import StoredTensor


def inspect(
    source: str | os.PathLike[str],
    **options: Unpack[InspectOptions],
) -> Inspection:
    """Look into a checkpoint; reads no tensor data.

    `options`: see `k2to3.options.words.InspectOptions`.

    Raises:
        K2to3Error: the file cannot be read as a Keras 2 checkpoint at all.
    """
    with boundary(os.fspath(source)):
        read = read_options(options, InspectOptions)
        check_openable([source])
        with opened_rules(read.model) as rules:
            return _inspect(Path(source), rules, read)


def _inspect(path: Path, rules: Rulebook, options: Options) -> Inspection:
    found = Inspection(str(path))
    bare = read_bare(path, options.limits, options.author) if options.architecture is None else None
    if bare is not None:
        return _without_architecture(bare, found)
    with read_checkpoint(path, options.architecture, options.limits, options.author) as checkpoint:
        found.kind, found.writer = checkpoint.kind, str(checkpoint.writer)
        found.optimizer = _optimizer(checkpoint)
        try:
            stored = stored_architecture(checkpoint, rules, options.model)
            model = parse_model(in_words_of_keras2(stored, checkpoint))
        except UnsafeFile:
            raise
        except K2to3Error as error:
            found.blockers.append(str(error))
            return found
        owned = weights_by_layer(model, checkpoint, partial(rules.slots, writer=checkpoint.writer))
        found.layers = [_described(r.name, r.class_name, owned.get(r.name, ())) for r in model.layers]
        found.layers_in_all, found.graph = model.size, {"old": old_graph(model)}
        found.parameters = sum(layer["parameters"] for layer in found.layers)
        found.needs = author_code(model, checkpoint.training_config, rules)
        found.blockers = _without_rule(model, rules)
        _try_plan(checkpoint, rules, options, found)
        found.findings = [*found.findings, *refused_by_keras3(model)] if found.convertible else found.findings
    return found


def _without_architecture(bare: Bare, found: Inspection) -> Inspection:
    found.kind, found.writer = bare.kind, None if bare.writer is None else str(bare.writer)
    found.layers = [
        _described(name, likely_class(name, tensors, bare.kind), tensors)
        for name, tensors in bare.weights.items()
        if tensors or bare.kind == "weights"
    ]
    found.layers_in_all = len(found.layers)
    found.parameters = sum(layer["parameters"] for layer in found.layers)
    found.blockers = [f"the file holds weights only: {HINT}"]
    return found


def _try_plan(checkpoint: Checkpoint, rules: Rulebook, options: Options, found: Inspection) -> None:
    try:
        plan = make_plan(checkpoint, rules, options.model)
        found.findings, found.graph = plan.findings, graphs_of(plan)
        found.convertible = True
    except UnsafeFile:
        raise
    except K2to3Error as error:
        error.file = None
        if str(error) not in found.blockers:
            found.blockers.append(str(error))


def _optimizer(checkpoint: Checkpoint) -> str | None:
    config = (checkpoint.training_config or {}).get("optimizer_config")
    return str(config.get("class_name")) if isinstance(config, dict) else None


def _described(name: str, class_name: str, tensors: Sequence[StoredTensor]) -> dict[str, Any]:
    weights = [{"name": t.name, "shape": list(t.shape), "dtype": t.dtype} for t in tensors]
    count = 0
    for tensor in tensors:
        size = 1
        for extent in tensor.shape:
            size *= extent
        count += size
    return {"name": name, "class": class_name, "weights": weights, "parameters": count}


def _without_rule(model: Model, rules: Rulebook) -> list[str]:
    found = []
    for record in model.layers:
        if record.model is not None:
            found += _without_rule(record.model, rules)
            continue
        try:
            rules.find(record)
        except K2to3Error as error:
            found.append(str(error))
    return found
