"""What an HDF5 file holds, as plain values: nothing of the library that read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

import numpy as np

from k2to3.dataclass import dataclass

Attribute: TypeAlias = "tuple[bytes, ...] | None"
"""The texts of an attribute, one or several; None where it is no text."""
Extent = tuple[int, int]
"""(offset, bytes) in a file."""


@dataclass(frozen=True)
class Header:
    """A dataset without its values.

    `kind` is what NumPy calls its elements (`<f4`), None where it has no plain word; `type` says it in words.
    `offset` counts bytes from the beginning of the HDF5 file, where the values lie in one piece just as NumPy holds
    them; otherwise the library has to unpack or convert them, from `path`.
    """

    path: str
    kind: str | None
    type: str
    shape: tuple[int, ...]
    offset: int | None

    @property
    def dtype(self) -> np.dtype[np.generic]:
        return np.dtype(self.kind)


@dataclass(frozen=True)
class Group:
    """A group: the attributes that Keras knows, and its members by name."""

    attributes: Mapping[str, Attribute]
    members: Mapping[str, Group | Header]

    def __contains__(self, path: str) -> bool:
        return self.find(path) is not None

    def find(self, path: str) -> Group | Header | None:
        """What is there under a path (`dense/kernel:0`); None where nothing is.

        A path from the root (`/dense`) is none of this group's.
        """
        found: Group | Header | None = self
        if path.startswith("/"):
            return None
        for name in path.split("/"):
            # HDF5 skips empty steps and dots.
            if name in ("", "."):
                continue
            found = found.members.get(name) if isinstance(found, Group) else None
        return found

    def group(self, path: str) -> Group | None:
        """The group of that path."""
        found = self.find(path)
        return found if isinstance(found, Group) else None

    def walk(self) -> Iterator[tuple[str, Group | Header]]:
        """(path, object) for everything below in the order of names, each object once."""
        seen = {id(self)}
        stack = [iter([(name, item) for name, item in self.members.items()])]
        while stack:
            path, item = next(stack[-1], ("", None))
            if item is None:
                stack.pop()
            elif id(item) not in seen:
                seen.add(id(item))
                yield path, item
                if isinstance(item, Group):
                    stack.append(iter([(f"{path}/{name}", inner) for name, inner in item.members.items()]))
