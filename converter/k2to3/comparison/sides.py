"""What is in a file, whichever kind of weights file it is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import field
from pathlib import Path

from k2to3.archive.reading import read_weights
from k2to3.archive.safetensors import DTYPES, INDEX
from k2to3.archive.tensor_files import TensorFiles, parts_of
from k2to3.comparison.tensor import Tensor, from_expression, from_stored
from k2to3.dataclass import dataclass
from k2to3.engine.plan import make_plan
from k2to3.errors import NotKeras2
from k2to3.limits import Limits
from k2to3.options.records import Options
from k2to3.rules.rulebook import Rulebook
from k2to3.sources.checkpoint import WeightGroups
from k2to3.sources.dialects.groups import weights_by_layer
from k2to3.sources.hdf5 import Hdf5, read_hdf5
from k2to3.sources.json_text import parse_object
from k2to3.sources.keras_archive import METADATA
from k2to3.sources.opened import OpenedFile, open_file
from k2to3.sources.read import read_checkpoint
from k2to3.sources.saved_model.checkpoint import read_parts
from k2to3.sources.saved_model.folder import is_saved_model
from k2to3.sources.saved_model.index_file import checkpoint_prefix
from k2to3.sources.tensors import Array, stored_tensor
from k2to3.sources.tree import Group, Header
from k2to3.sources.variables import TRAINING, holds_variables
from k2to3.sources.zip_members import read_members, read_small
from k2to3.sources.zip_signs import is_zip

Tensors = dict[str, Tensor]
NAMES = {short: name for name, short in DTYPES.items()}


@dataclass(frozen=True)
class Side:
    """One of the two files.

    `layout`: `names` (Keras 2 HDF5 and SavedModels, by layer and weight name), `objects` (TensorFlow checkpoints),
    `keras2` or `paths` (by path: `layers/dense/vars/0`). `raw` reads what is there; `planned`, where the file is of
    Keras 2, reads the Keras 3 variables it becomes.
    """

    path: Path
    layout: str
    raw: Callable[[], Tensors]
    planned: Callable[[], Tensors] | None = None


@dataclass(frozen=True)
class Planner:
    """How a Keras 2 file is read as the variables it becomes."""

    rules: Rulebook = field(default_factory=Rulebook)
    options: Options = field(default_factory=Options)


def open_side(path: Path, planner: Planner, stack: ExitStack) -> Side:
    """Find out what `path` is; `stack` closes it.

    Raises:
        K2to3Error: missing, unsafe, or no file of weights.
    """

    limits, architecture = planner.options.limits, planner.options.architecture

    def planned(own: bool) -> Callable[[], Tensors]:
        return lambda: _planned(path, None if own else architecture, stack, planner)

    if path.name.endswith((".safetensors", ".safetensors" + INDEX)):
        return Side(path, "paths", lambda: _safetensors(path, stack))
    if is_saved_model(path):
        return Side(path, "names", lambda: _named_weights(path, stack, limits), planned(True))
    if (prefix := checkpoint_prefix(path)) is not None:
        return Side(path, "objects", lambda: _objects(path, prefix, stack, limits), planned(False))
    file = open_file(path)
    stack.callback(file.close)
    if is_zip(file):
        if _is_keras3(file, limits):
            return Side(path, "paths", lambda: _datasets(stack.enter_context(read_weights(path, limits))))
        return Side(path, "keras2", lambda: _stored(path, stack, limits), planned(True))
    hdf5 = read_hdf5(file, limits)
    stack.callback(hdf5.close)
    root = hdf5.root
    if "model_weights" in root or any(name.startswith("layer_names") for name in root.attributes):
        own = "model_config" in root.attributes
        return Side(path, "names", lambda: _by_layer(weights_by_layer(hdf5)), planned(own))
    if not holds_variables(root) and "vars" not in root:
        raise NotKeras2("an HDF5 file, but not one that Keras wrote", file=str(path))
    if architecture is not None and not _named(root):
        return Side(path, "keras2", lambda: _datasets(hdf5), planned(False))
    return Side(path, "paths", lambda: _datasets(hdf5))


def _is_keras3(file: OpenedFile, limits: Limits) -> bool:
    members = read_members(file, limits)
    if METADATA not in members:
        raise NotKeras2("a zip file, but no Keras archive", file=str(file.path))
    try:
        text = read_small(file, members[METADATA], limits.config_bytes).decode()
    except UnicodeDecodeError as error:
        raise NotKeras2("a zip file, but no Keras archive", file=str(file.path)) from error
    version = parse_object(text, METADATA, limits).get("keras_version")
    return isinstance(version, str) and not version.startswith("2")


def _named(root: Group) -> bool:
    """Whether Keras 3.6 or later (or k2to3) wrote it."""
    return any(
        path.endswith("vars") and isinstance(item, Group) and "name" in item.attributes for path, item in root.walk()
    )


def _planned(path: Path, architecture: Path | None, stack: ExitStack, planner: Planner) -> Tensors:
    checkpoint = stack.enter_context(
        read_checkpoint(path, architecture, planner.options.limits, planner.options.author)
    )
    found: Tensors = {}
    for group in make_plan(checkpoint, planner.rules, planner.options.model, compile=False).groups:
        for index, expression in enumerate(group.variables):
            name = f"{group.path}/vars/{index}".lstrip("/")
            found[name] = from_expression(name, expression)
    return found


def _stored(path: Path, stack: ExitStack, limits: Limits) -> Tensors:
    checkpoint = stack.enter_context(read_checkpoint(path, None, limits))
    return {t.name: from_stored(t.name, t) for tensors in checkpoint.weights.values() for t in tensors}


def _named_weights(path: Path, stack: ExitStack, limits: Limits) -> Tensors:
    return _by_layer(stack.enter_context(read_checkpoint(path, None, limits)).weights)


def _objects(path: Path, prefix: Path, stack: ExitStack, limits: Limits) -> Tensors:
    groups = read_parts(path, prefix, limits, stack)
    return {t.path: from_stored(t.path, t) for tensors in groups.values() for t in tensors}


def _by_layer(groups: WeightGroups) -> Tensors:
    named = ((f"{layer}/{t.name}", t) for layer, tensors in groups.items() for t in tensors)
    return {name: from_stored(name, tensor) for name, tensor in named}


def _datasets(hdf5: Hdf5) -> Tensors:
    found: Tensors = {}
    for path, item in hdf5.root.walk():
        # Optimizer and metrics are state of training, not of the model.
        if isinstance(item, Header) and path.split("/")[0] not in TRAINING:
            found[path] = from_stored(path, stored_tensor(path, item, hdf5.library, f"/{path}"))
    return found


def _safetensors(path: Path, stack: ExitStack) -> Tensors:
    files = TensorFiles(parts_of(path), stack)
    found: Tensors = {}
    for name in sorted(files.slices):
        dtype = NAMES.get(files.dtype(name))
        if dtype is None:
            raise NotKeras2(f"tensor {name!r} is {files.dtype(name)}, which no Keras variable is", file=str(path))
        found[name] = Tensor(name, files.shape(name), dtype, name, _part(files, name))
    return found


def _part(files: TensorFiles, name: str) -> Callable[[int, int], Array]:
    return lambda start, stop: files.part(name, start, stop)
