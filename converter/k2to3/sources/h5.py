"""Whole-model and weights-only HDF5 files of every Keras 1 and 2."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
from k2to3.sources import attributes
from k2to3.sources.architecture import read_architecture
from k2to3.sources.author import Writer, parse_writer
from k2to3.sources.checkpoint import Checkpoint, WeightGroups
from k2to3.sources.hdf5 import Hdf5, is_hdf5, read_hdf5
from k2to3.sources.json_text import Json, parse_object
from k2to3.sources.keras_archive import is_zip, read_archive
from k2to3.sources.library import Library
from k2to3.sources.opened import OpenedFile, open_file
from k2to3.sources.saved_model.checkpoint import checkpoint_prefix, read_parts, read_tensorflow_checkpoint
from k2to3.sources.saved_model.folder import is_saved_model
from k2to3.sources.saved_model.read import read_saved_model
from k2to3.sources.sniff import sniff
from k2to3.sources.tensors import StoredTensor, stored_tensor
from k2to3.sources.tree import Group, Header
from k2to3.sources.variables import CONTAINERS, container_of, holds_variables, read_variables
from k2to3.sources.zip_members import ends_like_zip

TOP_LEVEL = "top_level_model_weights"


def read_checkpoint(path: Path, architecture: Path | None = None, limits: Limits = DEFAULT) -> Checkpoint:
    """Open a checkpoint; `architecture` is that of a weights-only file (see `read_architecture`).

    Raises:
        K2to3Error: see `k2to3.errors`; every message names the file.
    """
    if is_saved_model(path):
        if architecture is not None:
            raise UsageError("--architecture is for weights-only files; a SavedModel has its own")
        return read_saved_model(path, limits)
    if (prefix := checkpoint_prefix(path)) is not None:
        return read_tensorflow_checkpoint(path, prefix, architecture, limits)
    try:
        file = open_file(path)
    except FileError as error:
        raise _better(path, error).located(file=str(path)) from error.__cause__
    try:
        found = _archive(file, architecture, limits) if is_zip(file) else _hdf5(file, architecture, limits)
        file.check_unchanged()
        return found
    except K2to3Error as error:
        file.close()
        raise error.located(file=str(path)) from error.__cause__
    except BaseException:
        file.close()
        raise


def _archive(file: OpenedFile, architecture: Path | None, limits: Limits) -> Checkpoint:
    if architecture is not None:
        raise UsageError("--architecture is for weights-only files; an archive has its own")
    try:
        return read_archive(file, limits)
    except NotKeras2 as error:
        kind = sniff(file.path)
        hint = None if kind is None or kind.name.startswith("a .keras") else f"it is {kind.name}: {kind.advice}"
        error.hint = error.hint or hint
        raise


def _hdf5(file: OpenedFile, architecture: Path | None, limits: Limits) -> Checkpoint:
    if ends_like_zip(file):
        raise UnsafeFile("is an HDF5 file and a zip archive in one, which two programs read as two models")
    try:
        hdf5 = read_hdf5(file, limits)
    except NotKeras2 as error:
        raise _better(file.path, error) from error.__cause__
    return checkpoint_of(file, hdf5, architecture, limits)


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


def checkpoint_of(file: OpenedFile, hdf5: Hdf5, architecture: Path | None, limits: Limits) -> Checkpoint:
    """The checkpoint in an HDF5 file that was examined, or that this process wrote itself."""
    if _is_whole_model(hdf5.root):
        return _whole_model(file, hdf5, architecture, limits)
    if attributes.has_names(hdf5.root, "layer_names"):
        return _weights_only(file, hdf5, architecture, limits)
    if holds_variables(hdf5.root):
        return _by_path(file, hdf5, architecture, limits)
    raise NotKeras2("an HDF5 file, but not one that Keras wrote (no model_config, no layer_names)")


def _is_whole_model(root: Group) -> bool:
    return "model_config" in root.attributes or "model_weights" in root.members


def _whole_model(file: OpenedFile, hdf5: Hdf5, architecture: Path | None, limits: Limits) -> Checkpoint:
    group = hdf5.root.group("model_weights")
    if group is None:
        raise WeightMismatch("the file holds an architecture but no weights (model_weights)")
    writer = _writer(hdf5.root, group)
    text = attributes.text(hdf5.root, "model_config")
    if text is None or text == "null":
        config = read_architecture(architecture, limits)
    elif architecture is not None:
        raise UsageError("--architecture is for weights-only files; this file has its own")
    else:
        config = parse_object(text, "model_config", limits)
    training = attributes.text(hdf5.root, "training_config")
    return Checkpoint(
        path=file.path,
        file=file,
        limits=limits,
        kind="model",
        writer=writer,
        model_config=config,
        training_config=parse_object(training, "training_config", limits) if training else None,
        weights=_weight_groups(group, hdf5.library, limits, "/model_weights"),
        hdf5=hdf5,
    )


def _weights_only(file: OpenedFile, hdf5: Hdf5, architecture: Path | None, limits: Limits) -> Checkpoint:
    config = read_architecture(architecture, limits)
    return Checkpoint(
        path=file.path,
        file=file,
        limits=limits,
        kind="weights",
        writer=_writer(hdf5.root, hdf5.root, config),
        model_config=config,
        training_config=None,
        weights=_weight_groups(hdf5.root, hdf5.library, limits),
        hdf5=hdf5,
    )


def _by_path(file: OpenedFile, hdf5: Hdf5, architecture: Path | None, limits: Limits) -> Checkpoint:
    """A `.weights.h5` file, which does not say who wrote it; the architecture does."""
    weights = read_variables(hdf5.root, hdf5.library)
    config = read_architecture(architecture, limits)
    # The first versions that wrote each layout; what they compute is the same since.
    oldest = "2.12.0" if container_of(weights) == CONTAINERS[1] else "2.14.0"
    writer = parse_writer(_text(config.get("keras_version")) or oldest, "tensorflow")
    _refuse_keras3(writer)
    return Checkpoint(
        path=file.path,
        file=file,
        limits=limits,
        kind="variables",
        writer=writer,
        model_config=config,
        training_config=None,
        weights=weights,
        hdf5=hdf5,
    )


def _writer(root: Group, group: Group, config: Json | None = None) -> Writer:
    version = attributes.text(root, "keras_version") or attributes.text(group, "keras_version")
    backend = attributes.text(root, "backend") or attributes.text(group, "backend")
    if config is not None:
        # Keras 1 wrote no version into weights files, but into the JSON. A Keras 2 JSON beside
        # such a file was made later: Keras 2's own loader takes the weights as Keras 1's.
        given = _text(config.get("keras_version"))
        version = version or (given if given and given.startswith("1") else None)
        backend = backend or _text(config.get("backend"))
    if version is None or version.startswith("1"):
        backend = backend or _keras1_backend(group)
    writer = parse_writer(version, backend)
    _refuse_keras3(writer)
    return writer


def _refuse_keras3(writer: Writer) -> None:
    if writer.version[0] >= 3:
        raise NothingToDo(
            f"written by Keras {writer.text}, which Keras 3 opens as it is",
            hint="if loading fails, the installed Keras is older than the file",
        )


def _keras1_backend(root: Group) -> str | None:
    """Keras 1 did not write its backend down, but TensorFlow's names end in `:0`."""
    for layer in attributes.names(root, "layer_names"):
        if (group := root.group(layer)) is not None:
            for name in attributes.names(group, "weight_names"):
                return "tensorflow" if name.endswith(":0") else "theano"
    return None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def weight_groups_of(hdf5: Hdf5, limits: Limits = DEFAULT) -> dict[str, tuple[StoredTensor, ...]]:
    """Layer name → its tensors in file order, of a whole-model or weights-only file.

    Raises:
        WeightMismatch: a listed weight is missing.
    """
    group = hdf5.root.group("model_weights")
    if group is None:
        return _weight_groups(hdf5.root, hdf5.library, limits)
    return _weight_groups(group, hdf5.library, limits, "/model_weights")


def _weight_groups(
    root: Group, library: Library, limits: Limits, path: str = ""
) -> dict[str, tuple[StoredTensor, ...]]:
    names = distinct(attributes.names(root, "layer_names"), "layer", limits)
    groups = {name: _tensors(root, name, library, limits, path) for name in names}
    if TOP_LEVEL in root.members and _tensors(root, TOP_LEVEL, library, limits, path):
        raise WeightMismatch("the model owns weights outside its layers (model.add_weight)")
    return groups


def _tensors(root: Group, layer: str, library: Library, limits: Limits, path: str) -> tuple[StoredTensor, ...]:
    group = root.group(layer)
    if group is None:
        raise WeightMismatch(f"the group of layer {layer!r} is missing")
    found = []
    for name in distinct(attributes.names(group, "weight_names"), "weight", limits):
        header = group.find(name)
        if not isinstance(header, Header):
            raise WeightMismatch(f"weight {name!r} is listed but missing", layer=layer)
        found.append(stored_tensor(name, header, library, f"{path}/{layer}/{name}"))
    return tuple(found)


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


def read_bare(path: Path, limits: Limits = DEFAULT) -> Bare | None:
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
        return _bare(read_hdf5(file, limits), limits)
    except K2to3Error as error:
        raise error.located(file=str(path)) from error.__cause__
    finally:
        file.close()


def _bare(hdf5: Hdf5, limits: Limits) -> Bare | None:
    root, library = hdf5.root, hdf5.library
    if _is_whole_model(root):
        return None
    if attributes.has_names(root, "layer_names"):
        return Bare("weights", _writer(root, root), _weight_groups(root, library, limits))
    if holds_variables(root):
        return Bare("variables", None, read_variables(root, library))
    return None
