"""Going through all of an HDF5 file once, inside a child process that may crash."""

from __future__ import annotations

import os
from collections.abc import Iterator

import h5py

from k2to3.dataclass import dataclass
from k2to3.errors import UnsafeFile
from k2to3.isolation.child import Tick
from k2to3.limits import Limits
from k2to3.sources.attribute_texts import texts_of
from k2to3.sources.damage import damage
from k2to3.sources.headers import InMemory
from k2to3.sources.heaps import check_heaps
from k2to3.sources.opened import OpenedFile, Part
from k2to3.sources.pieces import rows_of
from k2to3.sources.storage import checked
from k2to3.sources.tree import Extent
from k2to3.sources.tree_index import Index

MAX_DEPTH = 64
MANY, COMMON_DEPTH = 1000, 1
"""Members of a group that is divided, and how deep those are: Keras keeps all layers in the root or right below it."""
Link = tuple[bytes, int, int]
"""Name, type and the address that a hard one points to."""
LINKS = {h5py.h5l.TYPE_SOFT: "soft link", h5py.h5l.TYPE_EXTERNAL: "external link"}


def _idle() -> None:
    return


@dataclass(frozen=True)
class Share:
    """What one of several processes looks at: its part of every group of many members, the first also all else.

    Almost all of the time goes into the library of HDF5, a tenth of a millisecond for each object.
    """

    number: int = 0
    of: int = 1

    def part(self, links: list[Link]) -> list[Link]:
        """What falls to this process."""
        return links[len(links) * self.number // self.of : len(links) * (self.number + 1) // self.of]


ALL = Share()


def examine(file: OpenedFile, offset: int, size: int, limits: Limits, tick: Tick = _idle, share: Share = ALL) -> Index:
    """Check every object; read what Keras's attributes say and unpack all arrays that are stored in pieces.

    `tick` is called at every step. Heaps are checked here where one process looks at all.

    Returns:
        What the file holds.

    Raises:
        NotKeras2: damaged. UnsafeFile: links out of the file, foreign storage, bombs.
    """
    whole = offset == 0 and size == file.size
    with damage(), h5py.File(file.path if whole else Part(file, offset, size), "r", locking=False) as root:
        if whole and os.name == "posix":
            # The default driver is a plain descriptor, which tells whether it is the file that was opened.
            file.check_same(root.id.get_vfd_handle())
        _keep_little(root.id)
        found = check_tree(h5py.h5g.open(root.id, b"/"), size, limits, tick, share)
        if share.of == 1:
            examine_heaps(file, offset, size, found.extents)
        return found


def examine_heaps(file: OpenedFile, offset: int, size: int, extents: list[Extent]) -> None:
    """Walk the heaps of the HDF5 file in a part of `file`; `extents` are raw data, from the beginning of the part.

    Raises:
        UnsafeFile: a heap that does not add up.
    """
    data = [(offset + start, length) for start, length in extents]
    check_heaps(file, [(0, offset), *data, (offset + size, file.size - offset - size)])


def _keep_little(file: h5py.h5f.FileID) -> None:
    """What HDF5 keeps of objects that were closed: 2 MB instead of 32, which models of many small arrays fill."""
    config = file.get_mdc_config()
    config.set_initial_size = True
    config.min_size = config.initial_size = 1 << 20
    config.max_size = 2 << 20
    file.set_mdc_config(config)


def check_tree(root: h5py.h5g.GroupID, stored: int, limits: Limits, tick: Tick = _idle, share: Share = ALL) -> Index:
    """Refuse links, foreign storage and bombs anywhere in the file; `stored` is its size in bytes.

    h5py's identifiers, not its objects: those take five times as long, and models have many small arrays.

    Returns:
        What the file holds.
    """
    index, memory = Index(), InMemory()
    for parent, name, path, item in _walk(root, index, limits, share):
        tick()
        index.totals.objects += 1
        if isinstance(item, h5py.h5d.DatasetID):
            storage = checked(path, item, stored, limits)
            index.totals.arrays += storage.nbytes
            index.member(parent, name, memory.header(path, storage))
        index.totals.check(stored, limits)
        if isinstance(item, h5py.h5d.DatasetID):
            if storage.place is not None:
                index.extents.append((storage.place, storage.nbytes))
            elif not storage.text:
                _unpack(h5py.Dataset(item), tick)
    return index


def _walk(root: h5py.h5g.GroupID, index: Index, limits: Limits, share: Share) -> Iterator[tuple[int, str, str, object]]:
    """(number of the group, name, path, object) for every member of every group; groups are noted in `index`."""
    seen: set[int] = set()

    # One group is open at each depth: HDF5 keeps much about every open one. On `common` ground all processes go the
    # same way, and the first reads what is there; below a group that was divided each is alone.
    def below(
        group: h5py.h5g.GroupID, number: int, path: str, depth: int, common: bool
    ) -> Iterator[tuple[int, str, str, object]]:
        if number in seen:
            return
        seen.add(number)
        if depth > MAX_DEPTH:
            raise UnsafeFile(f"groups nested deeper than {MAX_DEPTH}")
        ours = share.number == 0 or not common
        if ours:
            for attribute, texts in texts_of(group, limits).items():
                index.attribute(number, attribute, texts)
        links = _links(group, limits)
        divided = common and share.of > 1 and len(links) >= MANY
        if not (ours or divided or depth < COMMON_DEPTH):
            return
        for link, kind, address in share.part(links) if divided else links:
            name = _text(link)
            inner = f"{path}/{name}"
            if kind != h5py.h5l.TYPE_HARD:
                word = LINKS.get(kind, "user-defined link")
                raise UnsafeFile(f"{word} at {inner}: a checkpoint must not point elsewhere")
            child = h5py.h5o.open(group, link)
            if ours or divided:
                yield number, name, inner, child
            if isinstance(child, h5py.h5g.GroupID):
                under = index.group(address)
                if ours or divided:
                    index.member(number, name, under)
                still = common and not divided and depth < COMMON_DEPTH
                if ours or divided or still:
                    yield from below(child, under, inner, depth + 1, still)

    return below(root, index.group(h5py.h5o.get_info(root).addr), "", 0, True)


def _links(group: h5py.h5g.GroupID, limits: Limits) -> list[Link]:
    """The links of a group; following none."""
    found: list[Link] = []

    def note(name: bytes, info: h5py.h5l.LinkInfo) -> bool | None:
        found.append((name, info.type, info.u))
        return True if len(found) > limits.objects else None

    if len(group):
        group.links.iterate(note, info=True)
    return found


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")


def _unpack(dataset: h5py.Dataset, tick: Tick) -> None:
    if dataset.shape is None:
        return
    for _ in rows_of(dataset):
        tick()
