"""Every dialect, a row each, in the order in which they are tried: by path, by file, by what HDF5 holds."""

from __future__ import annotations

from pathlib import Path

from k2to3.sources.checkpoint import Checkpoint
from k2to3.sources.dialects import by_path, weights_only, whole_model
from k2to3.sources.dialects.given import Asked, Dialect, ExaminedFile
from k2to3.sources.opened import OpenedFile
from k2to3.sources.saved_model.folder import is_saved_model
from k2to3.sources.saved_model.index_file import checkpoint_prefix
from k2to3.sources.zip_signs import is_zip


def _folder(path: Path, asked: Asked) -> Checkpoint:
    from k2to3.sources.saved_model.read import read_saved_model

    asked.no_architecture("a SavedModel")
    return read_saved_model(path, asked.limits, asked.said)


def _parts(path: Path, asked: Asked) -> Checkpoint:
    from k2to3.sources.saved_model.checkpoint import read_tensorflow_checkpoint

    prefix = checkpoint_prefix(path)
    assert prefix is not None
    return read_tensorflow_checkpoint(path, prefix, asked.architecture, asked.limits, asked.said)


def _archive(file: OpenedFile, asked: Asked) -> Checkpoint:
    from k2to3.sources.keras_archive import read_archive

    asked.no_architecture("an archive")
    return read_archive(file, asked.limits, asked.said)


PATHS: tuple[Dialect[Path], ...] = (
    Dialect("a SavedModel folder", is_saved_model, _folder),
    Dialect("a TensorFlow checkpoint", lambda path: checkpoint_prefix(path) is not None, _parts),
)
FILES: tuple[Dialect[OpenedFile], ...] = (Dialect("a .keras archive", is_zip, _archive),)
HDF5: tuple[Dialect[ExaminedFile], ...] = (
    Dialect("a whole model", whole_model.holds, whole_model.read),
    Dialect("weights by layer name", weights_only.holds, weights_only.read),
    Dialect("variables by path", by_path.holds, by_path.read),
)
