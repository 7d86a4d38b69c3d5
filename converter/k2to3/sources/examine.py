"""Going through all of an HDF5 file once, inside a child process that may crash."""

from __future__ import annotations

import os
from collections.abc import Iterator

import h5py

from k2to3.errors import UnsafeFile
from k2to3.isolation.child import Tick
from k2to3.limits import Limits, too_much
from k2to3.sources.attribute_texts import texts_of
from k2to3.sources.damage import damage
from k2to3.sources.headers import InMemory
from k2to3.sources.heaps import Extent, check_heaps
from k2to3.sources.opened import OpenedFile, Part
from k2to3.sources.pieces import rows_of
from k2to3.sources.storage import checked
from k2to3.sources.tree_index import Index

MAX_DEPTH = 64
LINKS = {h5py.h5l.TYPE_SOFT: "soft link", h5py.h5l.TYPE_EXTERNAL: "external link"}


def _idle() -> None:
    return


def examine(file: OpenedFile, offset: int, size: int, limits: Limits, tick: Tick = _idle) -> Index:
    """Check every object; read what Keras's attributes say and unpack all arrays that are stored in pieces.

    `tick` is called at every step.

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
        found, extents = check_tree(h5py.h5g.open(root.id, b"/"), size, limits, tick)
        data = [(offset + start, length) for start, length in extents]
        check_heaps(file, [(0, offset), *data, (offset + size, file.size - offset - size)])
        return found


def _keep_little(file: h5py.h5f.FileID) -> None:
    """What HDF5 keeps of objects that were closed: 2 MB instead of 32, which models of many small arrays fill."""
    config = file.get_mdc_config()
    config.set_initial_size = True
    config.min_size = config.initial_size = 1 << 20
    config.max_size = 2 << 20
    file.set_mdc_config(config)


def check_tree(root: h5py.h5g.GroupID, stored: int, limits: Limits, tick: Tick = _idle) -> tuple[Index, list[Extent]]:
    """Refuse links, foreign storage and bombs anywhere in the file; `stored` is its size in bytes.

    h5py's identifiers, not its objects: those take five times as long, and models have many small arrays.

    Returns:
        What the file holds, and where the raw data of contiguous datasets are.
    """
    index, extents, memory = Index(limits), list[Extent](), InMemory()
    total = 0
    for count, (parent, name, path, item) in enumerate(_walk(root, index, limits)):
        tick()
        if count > limits.objects:
            raise too_much("objects", f"more than {limits.objects} objects in the file")
        if isinstance(item, h5py.h5d.DatasetID):
            storage = checked(path, item, stored, limits)
            total += storage.nbytes
            if total > limits.expanded(stored):
                raise too_much("expansion", f"{stored} bytes hold arrays of more than {limits.expanded(stored)} bytes")
            index.member(parent, name, memory.header(path, storage))
            if storage.place is not None:
                extents.append((storage.place, storage.nbytes))
            elif not storage.text:
                _unpack(h5py.Dataset(item), tick)
    return index, extents


def _walk(root: h5py.h5g.GroupID, index: Index, limits: Limits) -> Iterator[tuple[int, str, str, object]]:
    """(number of the group, name, path, object) for every member of every group; groups are noted in `index`."""
    seen: set[int] = set()

    # One group is open at each depth: HDF5 keeps much about every open one.
    def below(group: h5py.h5g.GroupID, number: int, path: str, depth: int) -> Iterator[tuple[int, str, str, object]]:
        if number in seen:
            return
        seen.add(number)
        if depth > MAX_DEPTH:
            raise UnsafeFile(f"groups nested deeper than {MAX_DEPTH}")
        for attribute, texts in texts_of(group, limits).items():
            index.attribute(number, attribute, texts)
        for link, kind, address in _links(group, limits):
            name = _text(link)
            inner = f"{path}/{name}"
            if kind != h5py.h5l.TYPE_HARD:
                word = LINKS.get(kind, "user-defined link")
                raise UnsafeFile(f"{word} at {inner}: a checkpoint must not point elsewhere")
            child = h5py.h5o.open(group, link)
            yield number, name, inner, child
            if isinstance(child, h5py.h5g.GroupID):
                under = index.group(address)
                index.member(number, name, under)
                yield from below(child, under, inner, depth + 1)

    return below(root, index.group(h5py.h5o.get_info(root).addr), "", 0)


def _links(group: h5py.h5g.GroupID, limits: Limits) -> list[tuple[bytes, int, int]]:
    """Name and type of each link, and the address that a hard one points to; following none."""
    found: list[tuple[bytes, int, int]] = []

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
