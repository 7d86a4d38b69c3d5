"""Whole-model and weights-only HDF5 files of every Keras 1 and 2."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import h5py

from k2to3.errors import (
    FileError,
    K2to3Error,
    NothingToDo,
    NotKeras2,
    UnsafeFile,
    UsageError,
    WeightMismatch,
)
from k2to3.limits import DEFAULT, Limits, too_much
from k2to3.options.records import SILENT, Said
from k2to3.sources import attributes
from k2to3.sources.architecture import Architecture, read_architecture
from k2to3.sources.author import Writer
from k2to3.sources.authorship import Evidence, author, backend_by_names, text_of
from k2to3.sources.checkpoint import Checkpoint, WeightGroups
from k2to3.sources.examine import damage
from k2to3.sources.hdf5 import is_hdf5, open_examined
from k2to3.sources.json_text import parse_object
from k2to3.sources.keras_archive import is_zip, read_archive
from k2to3.sources.opened import OpenedFile, open_file
from k2to3.sources.saved_model.checkpoint import checkpoint_prefix, read_parts, read_tensorflow_checkpoint
from k2to3.sources.saved_model.folder import is_saved_model
from k2to3.sources.saved_model.read import read_saved_model
from k2to3.sources.sniff import sniff
from k2to3.sources.tensors import Place, StoredTensor, stored_tensor
from k2to3.sources.variables import CONTAINERS, container_of, holds_variables, read_variables
from k2to3.sources.zip_members import ends_like_zip

TOP_LEVEL = "top_level_model_weights"


def read_checkpoint(
    path: Path, architecture: Path | Architecture | None = None, limits: Limits = DEFAULT, said: Said = SILENT
) -> Checkpoint:
    """Open a checkpoint; `architecture` is that of a weights-only file (see `read_architecture`), `said` what the
    user knows of its author.

    Raises:
        K2to3Error: see `k2to3.errors`; every message names the file.
    """
    if is_saved_model(path):
        if architecture is not None:
            raise UsageError("--architecture is for weights-only files; a SavedModel has its own")
        return read_saved_model(path, limits, said)
    if (prefix := checkpoint_prefix(path)) is not None:
        return read_tensorflow_checkpoint(path, prefix, architecture, limits, said)
    try:
        file = open_file(path)
    except FileError as error:
        raise _better(path, error).located(file=str(path)) from error.__cause__
    try:
        found = (_archive if is_zip(file) else _hdf5)(file, architecture, limits, said)
        file.check_unchanged()
        return found
    except K2to3Error as error:
        file.close()
        raise error.located(file=str(path)) from error.__cause__
    except BaseException:
        file.close()
        raise


def _archive(file: OpenedFile, architecture: Path | Architecture | None, limits: Limits, said: Said) -> Checkpoint:
    if architecture is not None:
        raise UsageError("--architecture is for weights-only files; an archive has its own")
    try:
        return read_archive(file, limits, said)
    except NotKeras2 as error:
        kind = sniff(file.path)
        hint = None if kind is None or kind.name.startswith("a .keras") else f"it is {kind.name}: {kind.advice}"
        error.hint = error.hint or hint
        raise


def _hdf5(file: OpenedFile, architecture: Path | Architecture | None, limits: Limits, said: Said) -> Checkpoint:
    if ends_like_zip(file):
        raise UnsafeFile("is an HDF5 file and a zip archive in one, which two programs read as two models")
    try:
        handle = open_examined(file, limits)
    except NotKeras2 as error:
        raise _better(file.path, error) from error.__cause__
    try:
        with damage():
            return checkpoint_of(file, handle, architecture, limits, said)
    except BaseException:
        handle.close()
        raise


def _better(path: Path, error: K2to3Error) -> K2to3Error:
    """Say what the file or folder is, where that is known."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        # A pipe or a device: looking into it could block for ever.
        return error
    try:
        kind = sniff(path)
    except OSError:
        return error
    if kind is None:
        return error
    return (NothingToDo if kind.done else NotKeras2)(f"is {kind.name}", hint=kind.advice)


def checkpoint_of(
    file: OpenedFile, handle: h5py.File, architecture: Path | Architecture | None, limits: Limits, said: Said = SILENT
) -> Checkpoint:
    """The checkpoint in an HDF5 file that was examined, or that this process wrote itself."""
    if _is_whole_model(handle):
        return _whole_model(file, handle, architecture, limits, said)
    if attributes.has_names(handle, "layer_names"):
        return _weights_only(file, handle, architecture, limits, said)
    if holds_variables(handle):
        return _by_path(file, handle, architecture, limits, said)
    raise NotKeras2("an HDF5 file, but not one that Keras wrote (no model_config, no layer_names)")


def _is_whole_model(handle: h5py.File) -> bool:
    return "model_config" in handle.attrs or "model_weights" in handle


def _whole_model(
    file: OpenedFile, handle: h5py.File, architecture: Path | Architecture | None, limits: Limits, said: Said
) -> Checkpoint:
    if "model_weights" not in handle or not isinstance(handle["model_weights"], h5py.Group):
        raise WeightMismatch("the file holds an architecture but no weights (model_weights)")
    group = handle["model_weights"]
    evidence = _evidence(handle, group)
    writer = author(evidence, said)
    text = attributes.text(handle, "model_config")
    if text is None or text == "null":
        given = read_architecture(architecture, limits, writer)
        writer = author(evidence, said, rebuilt=given.rebuilt)
    elif architecture is not None:
        raise UsageError("--architecture is for weights-only files; this file has its own")
    else:
        given = Architecture(parse_object(text, "model_config", limits))
    training = attributes.text(handle, "training_config")
    return Checkpoint(
        path=file.path,
        file=file,
        limits=limits,
        kind="model",
        writer=writer,
        model_config=given.config,
        training_config=parse_object(training, "training_config", limits) if training else None,
        weights=_weight_groups(group, limits, Place(file)),
        handle=handle,
        findings=given.findings,
    )


def _weights_only(
    file: OpenedFile, handle: h5py.File, architecture: Path | Architecture | None, limits: Limits, said: Said
) -> Checkpoint:
    evidence = _evidence(handle, handle)
    given = read_architecture(architecture, limits, author(evidence, said))
    return Checkpoint(
        path=file.path,
        file=file,
        limits=limits,
        kind="weights",
        writer=author(evidence, said, given.config, given.rebuilt),
        model_config=given.config,
        training_config=None,
        weights=_weight_groups(handle, limits, Place(file)),
        handle=handle,
        findings=given.findings,
    )


def _by_path(
    file: OpenedFile, handle: h5py.File, architecture: Path | Architecture | None, limits: Limits, said: Said
) -> Checkpoint:
    """A `.weights.h5` file, which does not say who wrote it; the architecture does."""
    weights = read_variables(handle, Place(file))
    # The first versions that wrote each layout; what they compute is the same since.
    oldest = "2.12.0" if container_of(weights) == CONTAINERS[1] else "2.14.0"
    evidence = Evidence(backend="tensorflow")
    given = read_architecture(architecture, limits, author(evidence, said.or_version(oldest)))
    stated = None if given.rebuilt else text_of(given.config, "keras_version")
    writer = author(evidence, said.or_version(stated or oldest), rebuilt=given.rebuilt)
    return Checkpoint(
        path=file.path,
        file=file,
        limits=limits,
        kind="variables",
        writer=writer,
        model_config=given.config,
        training_config=None,
        weights=weights,
        handle=handle,
        findings=given.findings,
    )


def _evidence(handle: h5py.File, group: h5py.Group) -> Evidence:
    version = attributes.text(handle, "keras_version") or attributes.text(group, "keras_version")
    backend = attributes.text(handle, "backend") or attributes.text(group, "backend")
    return Evidence(version, backend, backend_by_names(_weight_names(group)))


def _weight_names(group: h5py.Group) -> Iterator[str]:
    for layer in attributes.names(group, "layer_names"):
        if layer in group:
            yield from attributes.names(group[layer], "weight_names")


def weight_groups_of(handle: h5py.File, limits: Limits = DEFAULT) -> dict[str, tuple[StoredTensor, ...]]:
    """Layer name → its tensors in file order, of a whole-model or weights-only file.

    Raises:
        WeightMismatch: a listed weight is missing.
    """
    return _weight_groups(handle.get("model_weights", handle), limits)


def _weight_groups(root: h5py.Group, limits: Limits, place: Place | None = None) -> dict[str, tuple[StoredTensor, ...]]:
    names = distinct(attributes.names(root, "layer_names"), "layer", limits)
    groups = {name: _tensors(root, name, limits, place) for name in names}
    if TOP_LEVEL in root and _tensors(root, TOP_LEVEL, limits, place):
        raise WeightMismatch("the model owns weights outside its layers (model.add_weight)")
    return groups


def _tensors(root: h5py.Group, layer: str, limits: Limits, place: Place | None) -> tuple[StoredTensor, ...]:
    group = member(root.id, layer)
    if not isinstance(group, h5py.h5g.GroupID):
        raise WeightMismatch(f"the group of layer {layer!r} is missing")
    found = []
    path = f"{root.name}/{layer}".replace("//", "/")
    for name in distinct(attributes.names(h5py.Group(group), "weight_names"), "weight", limits):
        dataset = member(group, name)
        if not isinstance(dataset, h5py.h5d.DatasetID):
            raise WeightMismatch(f"weight {name!r} is listed but missing", layer=layer)
        found.append(stored_tensor(name, h5py.Dataset(dataset, readonly=True), place, f"{path}/{name}"))
    return tuple(found)


def member(group: h5py.h5g.GroupID, name: str) -> object:
    """What a group holds under a name; None where there is nothing.

    h5py's identifiers, not its objects: those take five times as long, and models have many small arrays.
    """
    try:
        return h5py.h5o.open(group, name.encode("utf-8"))
    except (KeyError, ValueError):
        return None


def distinct(names: list[str], what: str, limits: Limits) -> list[str]:
    """The names of a list, none of which stands twice.

    Raises:
        WeightMismatch: one does. UnsafeFile: too many of them, or too long.
    """
    if len(names) > limits.tensors:
        raise too_much("tensors", f"a list of {len(names)} {what} names")
    if any(len(name) > limits.name_bytes for name in names):
        raise too_much("name_bytes", f"a {what} name is longer than {limits.name_bytes} bytes")
    counted = Counter(names)
    if len(counted) < len(names):
        raise WeightMismatch(f"{what} name {counted.most_common(1)[0][0]!r} stands twice in one list")
    return names


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
        with open_examined(file, limits) as handle, damage():
            return _bare(handle, limits, said)
    except K2to3Error as error:
        raise error.located(file=str(path)) from error.__cause__
    finally:
        file.close()


def _bare(handle: h5py.File, limits: Limits, said: Said) -> Bare | None:
    if _is_whole_model(handle):
        return None
    if attributes.has_names(handle, "layer_names"):
        return Bare("weights", author(_evidence(handle, handle), said), _weight_groups(handle, limits))
    if holds_variables(handle):
        return Bare("variables", None, read_variables(handle))
    return None
