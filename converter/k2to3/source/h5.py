"""Whole-model and weights-only HDF5 files of every Keras 1 and 2."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py

from k2to3.errors import (
    FileError,
    K2to3Error,
    NothingToDo,
    NotKeras2,
    UsageError,
    WeightMismatch,
)
from k2to3.source import attributes
from k2to3.source.architecture import read_architecture
from k2to3.source.checkpoint import Checkpoint, WeightGroups
from k2to3.source.hdf5 import open_hdf5
from k2to3.source.json_text import Json, parse_object
from k2to3.source.keras_archive import is_zip, read_archive
from k2to3.source.sniff import sniff
from k2to3.source.tensors import StoredTensor, stored_tensor
from k2to3.source.variables import CONTAINERS, container_of, holds_variables, read_variables
from k2to3.source.writer import Writer, parse_writer

TOP_LEVEL = "top_level_model_weights"


def read_checkpoint(path: Path, architecture: Path | None = None) -> Checkpoint:
    """Open a checkpoint; `architecture` is that of a weights-only file (see `read_architecture`).

    Raises:
        K2to3Error: see `k2to3.errors`; every message names the file.
    """
    if is_zip(path):
        return _archive(path, architecture)
    try:
        handle = open_hdf5(path)
    except (FileError, NotKeras2) as error:
        raise _better(path, error).located(file=str(path)) from error.__cause__
    except K2to3Error as error:
        raise error.located(file=str(path)) from error.__cause__
    try:
        return _read(path, handle, architecture)
    except K2to3Error as error:
        handle.close()
        raise error.located(file=str(path)) from error.__cause__
    except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:
        # What h5py raises for structures that HDF5 itself finds damaged.
        handle.close()
        raise NotKeras2(f"damaged HDF5 file: {str(error).splitlines()[0]}", file=str(path)) from error
    except BaseException:
        handle.close()
        raise


def _archive(path: Path, architecture: Path | None) -> Checkpoint:
    if architecture is not None:
        raise UsageError("--architecture is for weights-only files; an archive has its own", file=str(path))
    try:
        return read_archive(path)
    except NotKeras2 as error:
        kind = sniff(path)
        hint = None if kind is None or kind.name.startswith("a .keras") else f"it is {kind.name}: {kind.advice}"
        error.hint = error.hint or hint
        raise error.located(file=str(path)) from error.__cause__
    except K2to3Error as error:
        raise error.located(file=str(path)) from error.__cause__


def _better(path: Path, error: K2to3Error) -> K2to3Error:
    """Say what the file is, where that is known."""
    try:
        kind = sniff(path)
    except OSError:
        return error
    if kind is None:
        return error
    return (NothingToDo if kind.done else NotKeras2)(f"is {kind.name}", hint=kind.advice)


def _read(path: Path, handle: h5py.File, architecture: Path | None) -> Checkpoint:
    if _is_whole_model(handle):
        return _whole_model(path, handle, architecture)
    if attributes.has_names(handle, "layer_names"):
        return _weights_only(path, handle, architecture)
    if holds_variables(handle):
        return _by_path(path, handle, architecture)
    raise NotKeras2("an HDF5 file, but not one that Keras wrote (no model_config, no layer_names)")


def _is_whole_model(handle: h5py.File) -> bool:
    return "model_config" in handle.attrs or "model_weights" in handle


def _whole_model(path: Path, handle: h5py.File, architecture: Path | None) -> Checkpoint:
    if "model_weights" not in handle or not isinstance(handle["model_weights"], h5py.Group):
        raise WeightMismatch("the file holds an architecture but no weights (model_weights)")
    group = handle["model_weights"]
    writer = _writer(handle, group)
    text = attributes.text(handle, "model_config")
    if text is None or text == "null":
        config = read_architecture(architecture)
    elif architecture is not None:
        raise UsageError("--architecture is for weights-only files; this file has its own")
    else:
        config = parse_object(text, "model_config")
    training = attributes.text(handle, "training_config")
    return Checkpoint(
        path=path,
        kind="model",
        writer=writer,
        model_config=config,
        training_config=parse_object(training, "training_config") if training else None,
        weights=_weight_groups(group),
        handle=handle,
    )


def _weights_only(path: Path, handle: h5py.File, architecture: Path | None) -> Checkpoint:
    config = read_architecture(architecture)
    return Checkpoint(
        path=path,
        kind="weights",
        writer=_writer(handle, handle, config),
        model_config=config,
        training_config=None,
        weights=_weight_groups(handle),
        handle=handle,
    )


def _by_path(path: Path, handle: h5py.File, architecture: Path | None) -> Checkpoint:
    """A `.weights.h5` file, which does not say who wrote it; the architecture does."""
    weights = read_variables(handle)
    config = read_architecture(architecture)
    # The first versions that wrote each layout; what they compute is the same since.
    oldest = "2.12.0" if container_of(weights) == CONTAINERS[1] else "2.14.0"
    writer = parse_writer(_text(config.get("keras_version")) or oldest, "tensorflow")
    _refuse_keras3(writer)
    return Checkpoint(
        path=path,
        kind="variables",
        writer=writer,
        model_config=config,
        training_config=None,
        weights=weights,
        handle=handle,
    )


def _writer(handle: h5py.File, group: h5py.Group, config: Json | None = None) -> Writer:
    version = attributes.text(handle, "keras_version") or attributes.text(group, "keras_version")
    backend = attributes.text(handle, "backend") or attributes.text(group, "backend")
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


def _keras1_backend(group: h5py.Group) -> str | None:
    """Keras 1 did not write its backend down, but TensorFlow's names end in `:0`."""
    for layer in attributes.names(group, "layer_names"):
        if layer in group:
            for name in attributes.names(group[layer], "weight_names"):
                return "tensorflow" if name.endswith(":0") else "theano"
    return None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def weight_groups_of(handle: h5py.File) -> dict[str, tuple[StoredTensor, ...]]:
    """Layer name → its tensors in file order, of a whole-model or weights-only file.

    Raises:
        WeightMismatch: a listed weight is missing.
    """
    return _weight_groups(handle.get("model_weights", handle))


def _weight_groups(root: h5py.Group) -> dict[str, tuple[StoredTensor, ...]]:
    groups = {name: _tensors(root, name) for name in attributes.names(root, "layer_names")}
    if TOP_LEVEL in root and _tensors(root, TOP_LEVEL):
        raise WeightMismatch("the model owns weights outside its layers (model.add_weight)")
    return groups


def _tensors(root: h5py.Group, layer: str) -> tuple[StoredTensor, ...]:
    if layer not in root or not isinstance(root[layer], h5py.Group):
        raise WeightMismatch(f"the group of layer {layer!r} is missing")
    group = root[layer]
    found = []
    for name in attributes.names(group, "weight_names"):
        if name not in group or not isinstance(group[name], h5py.Dataset):
            raise WeightMismatch(f"weight {name!r} is listed but missing", layer=layer)
        found.append(stored_tensor(name, group[name]))
    return tuple(found)


@dataclass(frozen=True)
class Bare:
    """A weights-only file without its architecture."""

    kind: str
    writer: Writer | None
    weights: WeightGroups


def read_bare(path: Path) -> Bare | None:
    """What a weights-only file says by itself; None when it is none."""
    if is_zip(path) or path.is_dir() or not h5py.is_hdf5(path):
        return None
    with open_hdf5(path) as handle:
        if _is_whole_model(handle):
            return None
        if attributes.has_names(handle, "layer_names"):
            return Bare("weights", _writer(handle, handle), _weight_groups(handle))
        if holds_variables(handle):
            return Bare("variables", None, read_variables(handle))
    return None
