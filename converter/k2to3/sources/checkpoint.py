"""What a checkpoint holds, whichever dialect it was written in."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import h5py

from k2to3.errors import WeightMismatch
from k2to3.findings import Finding
from k2to3.limits import DEFAULT, Limits
from k2to3.sources import attributes
from k2to3.sources.author import Writer
from k2to3.sources.examine import damage
from k2to3.sources.opened import OpenedFile
from k2to3.sources.saved_model.folder import OpenedFolder
from k2to3.sources.tensors import Place, StoredTensor, stored_tensor

WeightGroups = Mapping[str, tuple[StoredTensor, ...]]


@dataclass(frozen=True)
class Checkpoint:
    """A Keras 1/2 checkpoint, open for reading.

    `model_config` is the architecture as JSON; `weights` maps each layer name of the
    file to its tensors, in file order, which is the order Keras defines. Files by path
    (`by_path`) map the path of each object (`layers/lstm/cell`) instead.
    """

    path: Path
    kind: str
    writer: Writer
    model_config: dict[str, Any]
    training_config: dict[str, Any] | None
    weights: WeightGroups
    handle: h5py.File | None
    """The HDF5 file; None where the checkpoint is none."""
    file: OpenedFile | OpenedFolder
    """The one opening that all of this, and the digest, was read from."""
    limits: Limits = DEFAULT
    resources: ExitStack | None = None
    """What else is open."""
    optimizer: tuple[StoredTensor, ...] = ()
    """The arrays of the optimizer, where they are not looked up in `handle`."""
    findings: tuple[Finding, ...] = ()
    """What was supplied where the file is silent."""

    @property
    def by_path(self) -> bool:
        """Whether weights go by the path of their owner, not by layer name."""
        return self.kind in ("archive", "variables", "checkpoint")

    @property
    def nameless_optimizer(self) -> bool:
        """Whether it holds the state of an optimizer without saying which that is."""
        if self.kind == "checkpoint":
            return bool(self.optimizer)
        return self.kind == "variables" and self.handle is not None and "optimizer" in self.handle

    def __enter__(self) -> Checkpoint:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def optimizer_weights(self) -> tuple[StoredTensor, ...]:
        """The arrays of the optimizer in the order of the file; empty where it kept none.

        Raises:
            WeightMismatch: an array is listed but missing.
        """
        if self.handle is None:
            return self.optimizer
        with damage():
            return self._numbered(self.handle) if self.by_path else self._listed(self.handle)

    def _listed(self, handle: h5py.File) -> tuple[StoredTensor, ...]:
        group = handle.get("optimizer_weights")
        if not isinstance(group, h5py.Group):
            return ()
        found = []
        place = Place(self.file) if isinstance(self.file, OpenedFile) else None
        for name in attributes.names(group, "weight_names"):
            if name not in group or not isinstance(group[name], h5py.Dataset):
                raise WeightMismatch(f"optimizer array {name!r} is listed but missing")
            found.append(stored_tensor(name, group[name], place))
        return tuple(found)

    def _numbered(self, handle: h5py.File) -> tuple[StoredTensor, ...]:
        group = handle.get("optimizer/vars")
        names = list(group) if isinstance(group, h5py.Group) else []
        if not all(name.isascii() and name.isdigit() for name in names):
            return ()
        names.sort(key=int)
        if other := next((name for name in names if not isinstance(group.get(name), h5py.Dataset)), None):
            raise WeightMismatch(f"optimizer array {other!r} is no dataset")
        place = next((t.place for tensors in self.weights.values() for t in tensors), None)
        return tuple(stored_tensor(name, group[name], place) for name in names)

    def close(self) -> None:
        if self.handle is not None:
            self.handle.close()
        if self.resources is not None:
            self.resources.close()
        self.file.close()
