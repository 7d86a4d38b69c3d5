"""The way of a tree from the processes that looked into a file to the one that uses it: a line of JSON, then texts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import field
from typing import Any

from k2to3.dataclass import dataclass
from k2to3.limits import Limits, too_much
from k2to3.sources.tree import Attribute, Extent, Group, Header


@dataclass
class Totals:
    """What limits bound: objects, bytes of arrays as they are declared, bytes of attributes."""

    objects: int = 0
    arrays: int = 0
    attributes: int = 0

    def check(self, stored: int, limits: Limits) -> None:
        """Hold them against a file of `stored` bytes.

        Raises:
            UnsafeFile: more than an honest file holds.
        """
        if self.objects > limits.objects:
            raise too_much("objects", f"more than {limits.objects} objects in the file")
        if self.arrays > limits.expanded(stored):
            raise too_much("expansion", f"{stored} bytes hold arrays of more than {limits.expanded(stored)} bytes")
        if self.attributes > 2 * limits.config_bytes:
            raise too_much("config_bytes", f"attributes of more than {2 * limits.config_bytes} bytes")


def together(shares: Iterable[Totals]) -> Totals:
    """What several processes found in one file."""
    total = Totals()
    for share in shares:
        total.objects += share.objects
        total.arrays += share.arrays
        total.attributes += share.attributes
    return total


@dataclass
class Index:
    """Groups by number, the root being 0; the texts of attributes stand behind one another.

    `extents` are (offset, bytes) of the raw data of contiguous datasets.
    """

    groups: list[dict[str, Any]] = field(default_factory=list)
    texts: list[bytes] = field(default_factory=list)
    numbers: dict[int, int] = field(default_factory=dict)
    extents: list[Extent] = field(default_factory=list)
    totals: Totals = field(default_factory=Totals)

    def group(self, address: int) -> int:
        """The number of the group at an address, which several names may have."""
        number = self.numbers.setdefault(address, len(self.groups))
        if number == len(self.groups):
            self.groups.append({"attributes": {}, "members": {}})
        return number

    def attribute(self, group: int, name: str, texts: Sequence[bytes] | None) -> None:
        """Note an attribute of a group."""
        self.groups[group]["attributes"][name] = None if texts is None else [len(text) for text in texts]
        self.texts += texts or ()
        self.totals.attributes += sum(map(len, texts or ()))

    def member(self, group: int, name: str, item: int | Header) -> None:
        """Note a member: a group by its number, or a dataset."""
        told = item if isinstance(item, int) else [item.path, item.kind, item.type, item.shape, item.offset]
        self.groups[group]["members"][name] = told

    def written(self) -> list[bytes]:
        """The pieces of the message."""
        told = {
            "groups": self.groups,
            "addresses": list(self.numbers),
            "extents": self.extents,
            "totals": vars(self.totals),
        }
        return [json.dumps(told).encode(), b"\n", *self.texts]


@dataclass(frozen=True)
class Told:
    """What one message says; `addresses` are those of its groups in the file, the first being the root's."""

    groups: list[dict[str, Any]]
    addresses: list[int]
    extents: list[Extent]
    totals: Totals
    texts: bytes


def told_by(message: bytes) -> Told:
    """Read a message."""
    head, _, texts = message.partition(b"\n")
    told: dict[str, Any] = json.loads(head)
    return Told(told["groups"], told["addresses"], told["extents"], Totals(**told["totals"]), texts)


def tree_of(shares: Sequence[Told]) -> Group:
    """The root of the tree that messages describe together, each a share of one file."""
    groups = {address: _Open() for share in shares for address in share.addresses}
    for share in shares:
        _fill(groups, share)
    return groups[shares[0].addresses[0]].group


class _Open:
    """A group that is still being filled."""

    def __init__(self) -> None:
        self.attributes: dict[str, Attribute] = {}
        self.members: dict[str, Group | Header] = {}
        self.group = Group(self.attributes, self.members)


def _fill(groups: dict[int, _Open], share: Told) -> None:
    position = 0
    for address, told in zip(share.addresses, share.groups, strict=True):
        group = groups[address]
        for name, lengths in told["attributes"].items():
            texts = []
            for length in lengths or ():
                texts.append(share.texts[position : position + length])
                position += length
            group.attributes[name] = None if lengths is None else tuple(texts)
        for name, item in told["members"].items():
            number = isinstance(item, int)
            group.members[name] = groups[share.addresses[item]].group if number else _header(*item)


def _header(path: str, kind: str | None, words: str, shape: list[int], offset: int | None) -> Header:
    return Header(path, kind, words, tuple(shape), offset)
