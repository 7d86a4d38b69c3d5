"""`model.save("name.h5")` of every Keras 1 and 2: architecture, weights by layer name, state of training."""

from __future__ import annotations

from k2to3.errors import UsageError, WeightMismatch
from k2to3.sources import attributes
from k2to3.sources.architecture import Architecture, read_architecture
from k2to3.sources.authorship import author
from k2to3.sources.checkpoint import Checkpoint
from k2to3.sources.dialects.given import Asked, ExaminedFile
from k2to3.sources.dialects.groups import MODEL, evidence_of, weights_by_layer
from k2to3.sources.json_text import parse_object


def holds(found: ExaminedFile) -> bool:
    root = found.hdf5.root
    return "model_config" in root.attributes or MODEL in root.members


def read(found: ExaminedFile, asked: Asked) -> Checkpoint:
    """
    Raises:
        WeightMismatch: no weights. UsageError: an architecture was given though the file has one.
    """
    root, limits = found.hdf5.root, asked.limits
    group = root.group(MODEL)
    if group is None:
        raise WeightMismatch(f"the file holds an architecture but no weights ({MODEL})")
    evidence = evidence_of(root, group)
    writer = author(evidence, asked.said)
    text = attributes.text(root, "model_config")
    if text is None or text == "null":
        given = read_architecture(asked.architecture, limits, writer)
        writer = author(evidence, asked.said, rebuilt=given.rebuilt)
    elif asked.architecture is not None:
        raise UsageError("--architecture is for weights-only files; this file has its own")
    else:
        given = Architecture(parse_object(text, "model_config", limits))
    training = attributes.text(root, "training_config")
    return Checkpoint(
        path=found.file.path,
        file=found.file,
        limits=limits,
        kind="model",
        writer=writer,
        model_config=given.config,
        training_config=parse_object(training, "training_config", limits) if training else None,
        weights=weights_by_layer(found.hdf5, limits),
        hdf5=found.hdf5,
        findings=given.findings,
    )
