"""What is in a file: who wrote it, what will change, what blocks."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from k2to3.boundary import boundary
from k2to3.custom.session import customised
from k2to3.engine.author_code import needs
from k2to3.engine.plan import keras2_architecture, make_plan, weights_by_layer
from k2to3.errors import K2to3Error, UnsafeFile
from k2to3.findings import Finding
from k2to3.keras2.model import Model
from k2to3.keras2.parse import parse_model
from k2to3.limits import Limits, read_limits
from k2to3.publish.inputs import check_openable
from k2to3.report.guessed_class import likely_class
from k2to3.rules.base import find_rule
from k2to3.sources.architecture import HINT
from k2to3.sources.checkpoint import Checkpoint
from k2to3.sources.h5 import Bare, read_bare, read_checkpoint
from k2to3.sources.tensors import StoredTensor


@dataclass
class Inspection:
    """Everything about a checkpoint that can be told without converting it."""

    path: str
    kind: str = "unknown"
    writer: str | None = None
    layers: list[dict[str, Any]] = field(default_factory=list)
    parameters: int = 0
    optimizer: str | None = None
    needs: dict[str, list[str]] = field(default_factory=dict)
    """Names of the author's own code that the file mentions, by kind: `layers`, `activations`, ..."""
    findings: list[Finding] = field(default_factory=list)
    blockers: list[str] = field(default_factory=list)
    convertible: bool = False

    def to_json(self) -> dict[str, Any]:
        return {"schema": "k2to3-inspect-1", **asdict(self)}


def inspect(
    source: str | os.PathLike[str],
    *,
    architecture: str | os.PathLike[str] | None = None,
    rules: Sequence[str | os.PathLike[str]] | str | os.PathLike[str] = (),
    treat_as: Mapping[str, str] | Sequence[str] = (),
    custom_objects: str | os.PathLike[str] | None = None,
    limits: Mapping[str, int | str] | Sequence[str] = (),
) -> Inspection:
    """Look into a checkpoint; reads no tensor data. Arguments as in `convert`.

    Raises:
        K2to3Error: the file cannot be read as a Keras 2 checkpoint at all.
    """
    with boundary(os.fspath(source)), customised(rules=rules, treat_as=treat_as, custom_objects=custom_objects):
        check_openable([source])
        return _inspect(Path(source), None if architecture is None else Path(architecture), read_limits(limits))


def _inspect(path: Path, architecture: Path | None, limits: Limits) -> Inspection:
    found = Inspection(str(path))
    bare = read_bare(path, limits) if architecture is None else None
    if bare is not None:
        return _without_architecture(bare, found)
    with read_checkpoint(path, architecture, limits) as checkpoint:
        found.kind, found.writer = checkpoint.kind, str(checkpoint.writer)
        found.optimizer = _optimizer(checkpoint)
        try:
            model = parse_model(keras2_architecture(checkpoint))
        except UnsafeFile:
            raise
        except K2to3Error as error:
            found.blockers.append(str(error))
            return found
        owned = weights_by_layer(model, checkpoint)
        found.layers = [_described(r.name, r.class_name, owned.get(r.name, ())) for r in model.layers]
        found.parameters = sum(layer["parameters"] for layer in found.layers)
        found.needs = needs(model, checkpoint.training_config)
        found.blockers = _without_rule(model)
        _try_plan(checkpoint, found)
    return found


def _without_architecture(bare: Bare, found: Inspection) -> Inspection:
    found.kind, found.writer = bare.kind, None if bare.writer is None else str(bare.writer)
    found.layers = [
        _described(name, likely_class(name, tensors, bare.kind), tensors)
        for name, tensors in bare.weights.items()
        if tensors or bare.kind == "weights"
    ]
    found.parameters = sum(layer["parameters"] for layer in found.layers)
    found.blockers = [f"the file holds weights only: {HINT}"]
    return found


def _try_plan(checkpoint: Checkpoint, found: Inspection) -> None:
    try:
        found.findings = make_plan(checkpoint).findings
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


def _without_rule(model: Model) -> list[str]:
    found = []
    for record in model.layers:
        if record.model is not None:
            found += _without_rule(record.model)
            continue
        try:
            find_rule(record)
        except K2to3Error as error:
            found.append(str(error))
    return found
