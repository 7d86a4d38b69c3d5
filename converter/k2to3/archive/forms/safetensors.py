"""`.safetensors`: the variables alone, in one file or in parts with an index."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from k2to3.archive.forms.form import Form, Settings
from k2to3.archive.keras_archive import Archive
from k2to3.archive.safetensors import INDEX, file_names, split, variables_of, write_index, write_part
from k2to3.archive.tensor_files import parts_of, tensor_files
from k2to3.sources.digest import sha256
from k2to3.version import __version__

ENDING = ".safetensors"


def names(archive: Archive, target: str, shard_size: int) -> list[str]:
    """The index stands for all where there are parts: it is there when all of them are."""
    found = file_names(target, len(split(variables_of(archive.groups), shard_size)))
    return [target + INDEX, *found] if len(found) > 1 else found


def write(archive: Archive, files: Mapping[str, Path], settings: Settings) -> None:
    parts = split(variables_of(archive.groups), settings.shard_size)
    metadata = {
        "format": "keras",
        "k2to3": __version__,
        "source_sha256": settings.source_sha256(),
        "source_writer": settings.source_writer,
    }
    tensors = {name: path for name, path in files.items() if not name.endswith(INDEX)}
    for path, part in zip(tensors.values(), parts, strict=True):
        write_part(part, metadata, path, settings.progress)
    for name in files.keys() - tensors.keys():
        digests = {part: sha256(path) for part, path in tensors.items()}
        write_index(files[name], dict(zip(tensors, parts, strict=True)), digests)


SAFETENSORS = Form((ENDING, ENDING + INDEX), False, False, names, write, parts_of, variables_of, tensor_files)
