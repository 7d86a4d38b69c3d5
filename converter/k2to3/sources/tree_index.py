"""The way of a tree from the process that looked into a file to the one that uses it: a line of JSON, then texts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from k2to3.limits import Limits, too_much
from k2to3.sources.tree import Attribute, Group, Header


@dataclass
class Index:
    """Groups by number, the root being 0; the texts of attributes stand behind one another."""

    limits: Limits
    groups: list[dict[str, Any]] = field(default_factory=list)
    texts: list[bytes] = field(default_factory=list)
    numbers: dict[int, int] = field(default_factory=dict)
    size: int = 0

    def group(self, address: int) -> int:
        """The number of the group at an address, which several names may have."""
        number = self.numbers.setdefault(address, len(self.groups))
        if number == len(self.groups):
            self.groups.append({"attributes": {}, "members": {}})
        return number

    def attribute(self, group: int, name: str, texts: Sequence[bytes] | None) -> None:
        """Note an attribute of a group.

        Raises:
            UnsafeFile: all texts together are longer than those of an honest file.
        """
        self.groups[group]["attributes"][name] = None if texts is None else [len(text) for text in texts]
        self.texts += texts or ()
        self.size += sum(map(len, texts or ()))
        if self.size > 2 * self.limits.config_bytes:
            raise too_much("config_bytes", f"attributes of more than {2 * self.limits.config_bytes} bytes")

    def member(self, group: int, name: str, item: int | Header) -> None:
        """Note a member: a group by its number, or a dataset."""
        told = item if isinstance(item, int) else [item.path, item.kind, item.type, item.shape, item.offset]
        self.groups[group]["members"][name] = told

    def written(self) -> list[bytes]:
        """The pieces of the message."""
        return [json.dumps(self.groups).encode(), b"\n", *self.texts]


def read_index(message: bytes) -> Group:
    """The root of the tree that a message describes."""
    head, _, _ = message.partition(b"\n")
    told: list[dict[str, Any]] = json.loads(head)
    attributes: list[dict[str, Attribute]] = [{} for _ in told]
    members: list[dict[str, Group | Header]] = [{} for _ in told]
    groups = [Group(*both) for both in zip(attributes, members, strict=True)]
    position = len(head) + 1
    for number, group in enumerate(told):
        for name, lengths in group["attributes"].items():
            texts = []
            for length in lengths or ():
                texts.append(message[position : position + length])
                position += length
            attributes[number][name] = None if lengths is None else tuple(texts)
        for name, item in group["members"].items():
            members[number][name] = groups[item] if isinstance(item, int) else _header(*item)
    return groups[0]


def _header(path: str, kind: str | None, words: str, shape: list[int], offset: int | None) -> Header:
    return Header(path, kind, words, tuple(shape), offset)
