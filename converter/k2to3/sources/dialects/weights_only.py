"""`model.save_weights("name.h5")` of every Keras 1 and 2: weights by layer name, and nothing else."""

from __future__ import annotations

from k2to3.sources import attributes
from k2to3.sources.architecture import read_architecture
from k2to3.sources.authorship import author
from k2to3.sources.checkpoint import Checkpoint
from k2to3.sources.dialects.given import Asked, ExaminedFile
from k2to3.sources.dialects.groups import evidence_of, weights_by_layer


def holds(found: ExaminedFile) -> bool:
    return attributes.has_names(found.hdf5.root, "layer_names")


def read(found: ExaminedFile, asked: Asked) -> Checkpoint:
    """
    Raises:
        UsageError: no architecture was given.
    """
    evidence = evidence_of(found.hdf5.root, found.hdf5.root)
    given = read_architecture(asked.architecture, asked.limits, author(evidence, asked.said))
    return Checkpoint(
        path=found.file.path,
        file=found.file,
        limits=asked.limits,
        kind="weights",
        writer=author(evidence, asked.said, given.config, given.rebuilt),
        model_config=given.config,
        training_config=None,
        weights=weights_by_layer(found.hdf5, asked.limits),
        hdf5=found.hdf5,
        findings=given.findings,
    )
