"""Weights without an architecture: what they say by themselves."""

from __future__ import annotations

from pathlib import Path

from k2to3.dataclass import dataclass
from k2to3.errors import FileError, K2to3Error
from k2to3.limits import DEFAULT, Limits
from k2to3.options.records import SILENT, Said
from k2to3.sources.author import Writer
from k2to3.sources.authorship import author
from k2to3.sources.checkpoint import WeightGroups
from k2to3.sources.dialects import by_path, weights_only, whole_model
from k2to3.sources.dialects.given import ExaminedFile
from k2to3.sources.dialects.groups import evidence_of, weights_by_layer
from k2to3.sources.hdf5 import is_hdf5, read_hdf5
from k2to3.sources.opened import open_file
from k2to3.sources.saved_model.checkpoint import read_parts
from k2to3.sources.saved_model.folder import is_saved_model
from k2to3.sources.saved_model.index_file import checkpoint_prefix
from k2to3.sources.variables import read_variables
from k2to3.sources.zip_signs import is_zip


@dataclass(frozen=True)
class Bare:
    """A weights-only file without its architecture."""

    kind: str
    writer: Writer | None
    weights: WeightGroups


def read_bare(path: Path, limits: Limits = DEFAULT, said: Said = SILENT) -> Bare | None:
    """What a weights-only file says by itself; None when it is none."""
    if not is_saved_model(path) and (prefix := checkpoint_prefix(path)) is not None:
        return Bare("checkpoint", None, read_parts(path, prefix, limits))
    try:
        file = open_file(path)
    except FileError:
        return None
    try:
        if is_zip(file) or not is_hdf5(file):
            return None
        return _bare(ExaminedFile(file, read_hdf5(file, limits)), limits, said)
    except K2to3Error as error:
        raise error.located(file=str(path)) from error.__cause__
    finally:
        file.close()


def _bare(found: ExaminedFile, limits: Limits, said: Said) -> Bare | None:
    root = found.hdf5.root
    if whole_model.holds(found):
        return None
    if weights_only.holds(found):
        return Bare("weights", author(evidence_of(root, root), said), weights_by_layer(found.hdf5, limits))
    if by_path.holds(found):
        return Bare("variables", None, read_variables(root, found.hdf5.library))
    return None
