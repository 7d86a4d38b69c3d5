"""`model.save_weights("name.weights.h5")` of Keras 2.12 and later: variables by the path of their owner.

Such a file does not say who wrote it; the architecture does.
"""

from __future__ import annotations

from k2to3.sources.architecture import read_architecture
from k2to3.sources.authorship import Evidence, author, text_of
from k2to3.sources.checkpoint import Checkpoint
from k2to3.sources.dialects.given import Asked, ExaminedFile
from k2to3.sources.variables import CONTAINERS, container_of, holds_variables, read_variables


def holds(found: ExaminedFile) -> bool:
    return holds_variables(found.hdf5.root)


def read(found: ExaminedFile, asked: Asked) -> Checkpoint:
    """
    Raises:
        UsageError: no architecture was given. NothingToDo: of Keras 3.
    """
    weights, said = read_variables(found.hdf5.root, found.hdf5.library), asked.said
    # The first versions that wrote each layout; what they compute is the same since.
    oldest = "2.12.0" if container_of(weights) == CONTAINERS[1] else "2.14.0"
    evidence = Evidence(backend="tensorflow")
    given = read_architecture(asked.architecture, asked.limits, author(evidence, said.or_version(oldest)))
    stated = None if given.rebuilt else text_of(given.config, "keras_version")
    return Checkpoint(
        path=found.file.path,
        file=found.file,
        limits=asked.limits,
        kind="variables",
        writer=author(evidence, said.or_version(stated or oldest), rebuilt=given.rebuilt),
        model_config=given.config,
        training_config=None,
        weights=weights,
        hdf5=found.hdf5,
        findings=given.findings,
    )
