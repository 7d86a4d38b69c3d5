"""Handing a checkpoint's arrays to the worker: open files and positions in them, never a path."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

from k2to3.leftovers import scratch_folder
from k2to3.sources.checkpoint import Checkpoint
from k2to3.sources.opened import OpenedFile
from k2to3.sources.tensors import StoredTensor

Json = dict[str, Any]


@dataclass(frozen=True)
class Handover:
    """`files` are inherited by the worker (by name where a system cannot: Windows); `arrays` say where in them
    each array lies.

    An array is `{"group", "name", "path", "shape", "dtype", "file", "offset"}`: `file` is an index into `files`,
    `dtype` a NumPy name with its byte order.
    """

    files: list[int | str]
    arrays: list[Json]
    optimizer: list[Json]


@contextmanager
def handed_over(checkpoint: Checkpoint, optimizer: bool) -> Iterator[Handover]:
    """The arrays of all layers, and with `optimizer` its state.

    What HDF5 stores in pieces or compressed is written to an unnamed temporary file in one piece first.
    """
    with ExitStack() as stack:
        found = _Arrays(stack)
        arrays = [found.add(group, tensor) for group, tensors in checkpoint.weights.items() for tensor in tensors]
        state = [found.add("", tensor) for tensor in checkpoint.optimizer_weights()] if optimizer else []
        found.flush()
        yield Handover(found.files, arrays, state)


class _Arrays:
    def __init__(self, stack: ExitStack) -> None:
        self.stack, self.files = stack, list[int | str]()
        self._opened: dict[int, int] = {}
        self._spill: BinaryIO | None = None

    def add(self, group: str, tensor: StoredTensor) -> Json:
        file, offset, dtype = self._place(tensor)
        return {
            "group": group,
            "name": tensor.name,
            "path": tensor.path.strip("/"),
            "shape": list(tensor.shape),
            "dtype": dtype,
            "file": file,
            "offset": offset,
        }

    def flush(self) -> None:
        if self._spill is not None:
            self._spill.flush()

    def _place(self, tensor: StoredTensor) -> tuple[int, int, str]:
        native = tensor.dataset.dtype.newbyteorder("=").str
        extent = tensor.extent()
        if extent is not None:
            return self._index(extent[0]), extent[1], native
        spill = self._spilled()
        offset = spill.tell()
        for piece in tensor.rows():
            spill.write(np.ascontiguousarray(piece.astype(native, copy=False)).tobytes())
        return self._opened[spill.fileno()], offset, native

    def _index(self, file: OpenedFile) -> int:
        return self._number(file.descriptor, str(file.path.absolute()))

    def _number(self, descriptor: int, name: str) -> int:
        if descriptor not in self._opened:
            self._opened[descriptor] = len(self.files)
            self.files.append(self._inheritable(descriptor) if os.name == "posix" else name)
        return self._opened[descriptor]

    def _inheritable(self, descriptor: int) -> int:
        copy = os.dup(descriptor)
        self.stack.callback(os.close, copy)
        return copy

    def _spilled(self) -> BinaryIO:
        if self._spill is None:
            folder = self.stack.enter_context(scratch_folder())
            self._spill = self.stack.enter_context(open(os.path.join(folder, "arrays"), "w+b"))  # noqa: SIM115
            self._number(self._spill.fileno(), self._spill.name)
        return self._spill


def groups_of(arrays: Iterable[Json]) -> dict[str, list[Json]]:
    """The arrays of each group, in the order of the file."""
    found: dict[str, list[Json]] = {}
    for item in arrays:
        found.setdefault(item["group"], []).append(item)
    return found
