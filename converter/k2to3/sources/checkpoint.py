"""What a checkpoint holds, whichever dialect it was written in."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from k2to3.dataclass import dataclass
from k2to3.errors import WeightMismatch
from k2to3.findings import Finding
from k2to3.limits import DEFAULT, Limits
from k2to3.sources import attributes
from k2to3.sources.author import Writer
from k2to3.sources.hdf5 import Hdf5
from k2to3.sources.opened import OpenedFile
from k2to3.sources.saved_model.folder import OpenedFolder
from k2to3.sources.tensors import StoredTensor, stored_tensor
from k2to3.sources.tree import Group, Header

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
    hdf5: Hdf5 | None
    """The HDF5 file; None where the checkpoint is none."""
    file: OpenedFile | OpenedFolder
    """The one opening that all of this, and the digest, was read from."""
    limits: Limits = DEFAULT
    resources: ExitStack | None = None
    """What else is open."""
    optimizer: tuple[StoredTensor, ...] = ()
    """The arrays of the optimizer, where they are not looked up in `hdf5`."""
    findings: tuple[Finding, ...] = ()
    """What was supplied where the file is silent."""
    cut: bool = False
    """Whether `model_config` and `weights` are a part of what the file holds."""

    @property
    def by_path(self) -> bool:
        """Whether weights go by the path of their owner, not by layer name."""
        return self.kind in ("archive", "variables", "checkpoint")

    @property
    def nameless_optimizer(self) -> bool:
        """Whether it holds the state of an optimizer without saying which that is."""
        if self.kind == "checkpoint":
            return bool(self.optimizer)
        return self.kind == "variables" and self.hdf5 is not None and "optimizer" in self.hdf5.root

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
        if self.hdf5 is None:
            return self.optimizer
        return _numbered(self.hdf5) if self.by_path else _listed(self.hdf5)

    def close(self) -> None:
        if self.hdf5 is not None:
            self.hdf5.close()
        if self.resources is not None:
            self.resources.close()
        self.file.close()


def _listed(hdf5: Hdf5) -> tuple[StoredTensor, ...]:
    group = hdf5.root.group("optimizer_weights")
    if group is None:
        return ()
    found = []
    for name in attributes.names(group, "weight_names"):
        header = group.find(name)
        if not isinstance(header, Header):
            raise WeightMismatch(f"optimizer array {name!r} is listed but missing")
        found.append(stored_tensor(name, header, hdf5.library, f"/optimizer_weights/{name}"))
    return tuple(found)


def _numbered(hdf5: Hdf5) -> tuple[StoredTensor, ...]:
    group = hdf5.root.group("optimizer/vars") or Group({}, {})
    if not all(name.isascii() and name.isdigit() for name in group.members):
        return ()
    found = []
    for name, header in sorted(group.members.items(), key=lambda item: int(item[0])):
        if not isinstance(header, Header):
            raise WeightMismatch(f"optimizer array {name!r} is no dataset")
        found.append(stored_tensor(name, header, hdf5.library, f"/optimizer/vars/{name}"))
    return tuple(found)
