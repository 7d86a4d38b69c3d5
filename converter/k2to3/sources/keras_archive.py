"""`.keras` archives of Keras 2.12 to 2.15 and tf-keras, which Keras 3 refuses or misreads.

They hold the same three members as those of Keras 3, but a Keras 2 architecture.
Source: `keras/src/saving/saving_lib.py` of Keras 2.12 to tf-keras 2.21.
"""

from __future__ import annotations

import zipfile
from contextlib import ExitStack

from k2to3.errors import BadConfig, NothingToDo, NotKeras2
from k2to3.leftovers import scratch_folder
from k2to3.limits import DEFAULT, Limits, too_much
from k2to3.options.records import SILENT, Said
from k2to3.sources.assets import fill_vocabularies
from k2to3.sources.author import Writer
from k2to3.sources.authorship import Evidence, author
from k2to3.sources.checkpoint import Checkpoint
from k2to3.sources.hdf5 import Hdf5, read_hdf5, read_part
from k2to3.sources.json_text import Json, parse_object
from k2to3.sources.opened import OpenedFile, open_file
from k2to3.sources.variables import read_variables
from k2to3.sources.zip_members import Members, read_members, read_small, stored_offset, unpack

METADATA, CONFIG, WEIGHTS = "metadata.json", "config.json", "model.weights.h5"
ASSETS = "assets/"
MAX_METADATA = 1 << 16


def read_archive(file: OpenedFile, limits: Limits = DEFAULT, said: Said = SILENT) -> Checkpoint:
    """Open a Keras 2 `.keras` archive.

    Raises:
        NothingToDo: written by Keras 3.
        NotKeras2: not a Keras archive. UnsafeFile: a hostile one.
    """
    members = read_members(file, limits)
    writer = _writer(file, members, said)
    _check_names(members)
    config = parse_object(_text(file, members, CONFIG, limits.config_bytes), CONFIG, limits)
    assets = [name for name, info in members.items() if name.startswith(ASSETS) and not info.is_dir()]
    if sum(members[name].file_size for name in assets) > limits.config_bytes:
        raise too_much("config_bytes", f"vocabularies of more than {limits.config_bytes} bytes")
    texts = {name.removeprefix(ASSETS): _text(file, members, name, limits.config_bytes) for name in assets}
    if sum(text.count("\n") for text in texts.values()) > limits.values:
        raise too_much("values", f"vocabularies of more than {limits.values} tokens")
    config = fill_vocabularies(config, texts)
    stack = ExitStack()
    try:
        hdf5 = read_archive_weights(file, members, stack, limits)
        weights = read_variables(hdf5.root, hdf5.library)
    except BaseException:
        stack.close()
        raise
    return Checkpoint(
        path=file.path,
        file=file,
        limits=limits,
        kind="archive",
        writer=writer,
        model_config=config,
        training_config=_training_config(config),
        weights=weights,
        hdf5=hdf5,
        resources=stack,
    )


def read_archive_weights(file: OpenedFile, members: Members, stack: ExitStack, limits: Limits) -> Hdf5:
    """The HDF5 member: in place when stored, else from a temporary file that `stack` removes."""
    info = members[WEIGHTS]
    if info.compress_type == zipfile.ZIP_STORED:
        offset = stored_offset(file, info)
        return read_part(file, offset, info.file_size, limits)
    path = stack.enter_context(scratch_folder()) / WEIGHTS
    unpack(file, info, path)
    unpacked = open_file(path)
    stack.callback(unpacked.close)
    return read_hdf5(unpacked, limits)


def _writer(file: OpenedFile, members: Members, said: Said) -> Writer:
    if METADATA not in members or CONFIG not in members:
        raise NotKeras2("a zip file, but not a Keras archive (no metadata.json, config.json)")
    version = parse_object(_text(file, members, METADATA, MAX_METADATA), METADATA).get("keras_version")
    if not isinstance(version, str):
        raise BadConfig("metadata.json does not say which Keras wrote the archive")
    if version.startswith("3"):
        raise NothingToDo(f"is a .keras archive of Keras {version}", hint="Keras 3 opens it as it is")
    return author(Evidence(version, "tensorflow"), said)


def _training_config(config: Json) -> Json | None:
    """`compile_config` in the words of an HDF5 file's `training_config`."""
    compiled = config.get("compile_config")
    if not isinstance(compiled, dict) or not compiled.get("optimizer"):
        return None
    optimizer = compiled["optimizer"]
    if isinstance(optimizer, str):
        optimizer = {"class_name": optimizer, "config": {}}
    if not isinstance(optimizer, dict):
        return None
    # Only optimizers of 2.11 and later are saved, which HDF5 files call custom.
    described = {"class_name": f"Custom>{optimizer.get('class_name')}", "config": optimizer.get("config")}
    return {**compiled, "optimizer_config": described}


def _check_names(members: Members) -> None:
    if "model.weights.npz" in members:
        raise NotKeras2("keeps its weights as .npz", hint="save it again with Keras's default weights format")
    if WEIGHTS not in members:
        raise NotKeras2("the archive holds no weights (model.weights.h5)")
    for name, info in members.items():
        if name in (METADATA, CONFIG, WEIGHTS) or (info.is_dir() and name.startswith(ASSETS)):
            continue
        if name.startswith(ASSETS):
            continue
        raise NotKeras2(f"member {name!r} belongs to no Keras archive")


def _text(file: OpenedFile, members: Members, name: str, limit: int) -> str:
    try:
        return read_small(file, members[name], limit).decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadConfig(f"{name} is not UTF-8 text") from error
