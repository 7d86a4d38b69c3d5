"""Inside the worker: the arrays that were handed over, in the shapes in which tf-keras asks for them."""

from __future__ import annotations

import os
from math import prod
from typing import Any

import numpy as np

Json = dict[str, Any]
PIECE = 64 << 20


File = int | str


def read_array(item: Json, files: list[File]) -> Any:
    """One array, read from its place in an inherited file.

    Raises:
        OSError: the file became shorter.
    """
    dtype, shape = np.dtype(item["dtype"]), tuple(item["shape"])
    found = bytearray(prod(shape) * dtype.itemsize)
    view, position = memoryview(found), 0
    # A position of its own for each array, also where the file is inherited.
    with open(_reopened(files[item["file"]]), "rb", buffering=0) as file:
        file.seek(item["offset"])
        while position < len(view):
            count = file.readinto(view[position : position + PIECE])
            if not count:
                raise OSError("the checkpoint became shorter while it was read")
            position += count
    return np.frombuffer(found, dtype).reshape(shape)


def _reopened(file: File) -> File:
    return os.dup(file) if isinstance(file, int) else file


class WeightsFile:
    """What `load_weights_from_hdf5_group` of tf-keras reads from: layers by name, in the order of the file."""

    def __init__(self, job: Json) -> None:
        groups = job["groups"]
        self.attrs = {"layer_names": [name.encode() for name in groups], **job["attributes"]}
        self._layers = {name: _LayerGroup(items, job["files"]) for name, items in groups.items()}

    def __contains__(self, name: str) -> bool:
        return name in self._layers

    def __getitem__(self, name: str) -> _LayerGroup:
        return self._layers[name]


class _LayerGroup:
    def __init__(self, items: list[Json], files: list[File]) -> None:
        self.attrs = {"weight_names": [item["name"].encode() for item in items]}
        self._items, self._files = {item["name"]: item for item in items}, files

    def __getitem__(self, name: str) -> Any:
        return read_array(self._items[name], self._files)


class VariablesFile:
    """What `saving_lib` of tf-keras reads from: `path/vars` → number → array."""

    def __init__(self, job: Json) -> None:
        self._arrays: dict[str, dict[str, Json]] = {}
        self._files = job["files"]
        for items in job["groups"].values():
            for item in items:
                folder, _, number = item["path"].rpartition("/")
                self._arrays.setdefault(folder, {})[number] = item

    def holds(self, container: str) -> bool:
        """Whether a path begins with this attribute of a model."""
        return any(path.split("/")[0] == container for path in self._arrays)

    def get(self, path: str) -> dict[str, Any]:
        """The variables of the object at `path`; none where it stored none."""
        items = self._arrays.get(f"{path}/vars".lstrip("/"), {})
        return {number: read_array(item, self._files) for number, item in items.items()}


def array_at(job: Json, path: str) -> Any:
    """The array that stands under this path of the HDF5 file."""
    wanted = path.strip("/")
    item = next(item for items in job["groups"].values() for item in items if item["path"] == wanted)
    return read_array(item, job["files"])
