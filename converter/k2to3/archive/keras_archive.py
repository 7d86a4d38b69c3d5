"""Writing a `.keras` archive: three stored members, weights streamed in place.

The HDF5 member is written straight into the zip file, at the offset where its data
belong, so a table is copied once. Dates are fixed: same input, same bytes.
"""

from __future__ import annotations

import io
import json
import os
import struct
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO

import h5py
import numpy as np

from k2to3.archive.copying import copy_range
from k2to3.archive.note import METADATA, Note, metadata_bytes
from k2to3.archive.paths import Group
from k2to3.archive.running_crc import RunningCrc
from k2to3.archive.trail import Progress, Trail, trail
from k2to3.dataclass import dataclass
from k2to3.publish.publisher import Publisher
from k2to3.weights import Expression, Stored

WEIGHTS = "model.weights.h5"
# MS-DOS date of 1980-01-01, the zip format's zero.
DOS_DATE = 0x21
DATE_SAVED = "1980-01-01@00:00:00"
U32 = 0xFFFFFFFF


@dataclass(frozen=True)
class Archive:
    """What goes into the file."""

    config: dict[str, Any]
    groups: list[Group]
    keras_version: str


def write_archive(archive: Archive, target: Path, *, overwrite: bool = False, progress: Progress | None = None) -> None:
    """Write `archive` to `target`, whole or not at all.

    Raises:
        FileError: the target exists, cannot be written, or the disk is full.
    """
    with Publisher(overwrite=overwrite).staged(target.parent, [target.name]) as parts:
        write_zip(archive, parts[target.name], progress)


def write_zip(archive: Archive, path: Path, progress: Progress | None = None, note: Note | None = None) -> None:
    """Write the three members into `path`: `metadata.json`, which holds the note, behind all that is large."""
    said = {"keras_version": archive.keras_version, "date_saved": DATE_SAVED}
    with path.open("r+b") as file:
        config = _small(file, "config.json", json.dumps(archive.config).encode())
        start = file.tell()
        file.write(_local_header(_Member(WEIGHTS, start, 0, 0)))
        offset = file.tell()
        crc = RunningCrc(path, offset)
        with trail(path, file, progress, crc) as followed:
            size = write_weights(archive.groups, path, offset, followed)
            file.flush()
            weights = _Member(WEIGHTS, start, size, crc.result(offset + size))
        file.seek(start)
        file.write(_local_header(weights))
        file.seek(offset + size)
        metadata = _small(file, METADATA, metadata_bytes(said, note))
        # Listed as Keras 3 lists them.
        _central_directory(file, [metadata, config, weights])
        file.truncate()


@dataclass(frozen=True)
class _Member:
    name: str
    start: int
    size: int
    crc: int


def _small(file: BinaryIO, name: str, data: bytes) -> _Member:
    member = _Member(name, file.tell(), len(data), zlib.crc32(data))
    file.write(_local_header(member))
    file.write(data)
    return member


def _local_header(member: _Member) -> bytes:
    """Local header; the sizes stand in a zip64 field so that any size fits."""
    name = member.name.encode()
    extra = struct.pack("<HHQQ", 1, 16, member.size, member.size)
    fixed = struct.pack(
        "<4sHHHHHIIIHH", b"PK\x03\x04", 45, 0, 0, 0, DOS_DATE, member.crc, U32, U32, len(name), len(extra)
    )
    return fixed + name + extra


def _central_directory(file: BinaryIO, members: list[_Member]) -> None:
    start = file.tell()
    for member in members:
        name = member.name.encode()
        extra = struct.pack("<HHQQQ", 1, 24, member.size, member.size, member.start)
        file.write(
            struct.pack(
                "<4sHHHHHHIIIHHHHHII",
                b"PK\x01\x02",
                0x32D,
                45,
                0,
                0,
                0,
                DOS_DATE,
                member.crc,
                U32,
                U32,
                len(name),
                len(extra),
                0,
                0,
                0,
                0o100644 << 16,
                U32,
            )
            + name
            + extra
        )
    end = file.tell()
    count = len(members)
    file.write(struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, end - start, start))
    file.write(struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1))
    file.write(struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, count, count, U32, U32, 0))


class _Window(io.RawIOBase):
    """A file that starts at `offset` of another file, for h5py's file-object driver.

    Without a buffer: HDF5 writes ten thousands of small pieces at places of its own.
    """

    def __init__(self, path: Path, offset: int) -> None:
        self._file = path.open("r+b", buffering=0)
        self._offset, self.position, self.end = offset, 0, 0
        self.failed: BaseException | None = None
        """What HDF5 makes an error of its own of."""

    def seek(self, position: int, whence: int = 0) -> int:
        self.position = position if whence == 0 else position + (self.position, self.end)[whence - 1]
        return self.position

    def tell(self) -> int:
        return self.position

    def truncate(self, size: int | None = None) -> int:
        self.end = self.position if size is None else size
        return self.end

    def write(self, data: Any) -> int:
        """All of `data`: HDF5 does not ask how much was written."""
        size, done = len(data), 0
        try:
            while done < size:
                done += self._put(data[done:] if done else data, self._offset + self.position + done)
        except BaseException as error:
            self._note(error)
            raise
        self.position += size
        if self.position > self.end:
            self.end = self.position
        return size

    def _put(self, data: Any, place: int) -> int:
        if hasattr(os, "pwrite"):
            return os.pwrite(self._file.fileno(), data, place)
        self._file.seek(place)
        return self._file.write(data)

    def readinto(self, buffer: Any) -> int:
        try:
            self._file.seek(self._offset + self.position)
            count = self._file.readinto(buffer)
        except BaseException as error:
            self._note(error)
            raise
        self.position += count
        return count

    def close(self) -> None:
        self._file.close()
        super().close()

    def _note(self, error: BaseException) -> None:
        """HDF5 makes an error of its own of what a callback raises."""
        self.failed = self.failed or error


def write_weights(groups: list[Group], path: Path, offset: int, followed: Trail) -> int:
    """Write the HDF5 file of all variables at `offset` of the file at `path`; returns its size in bytes."""
    followed.file.flush()
    with closing(_Window(path, offset)) as window:
        places = _reserve_in(window, groups)
    for expression, place in sorted(places, key=lambda item: item[1]):
        write_value(expression, offset + place, followed)
    return window.end


def _reserve_in(window: _Window, groups: list[Group]) -> list[tuple[Expression, int]]:
    try:
        return _reserve_all(groups, window)
    except Exception:
        if window.failed is not None:
            raise window.failed from None
        raise


def _reserve_all(groups: list[Group], window: _Window) -> list[tuple[Expression, int]]:
    """Write everything but the values; returns where each belongs."""
    places = []
    reserved = Reserved()
    with h5py.File(window, "w", libver=("earliest", "v110")) as root:
        for group in groups:
            variables = reserved.group(root, f"{group.path}/vars" if group.path else "vars", group.layer.name)
            for index, expression in enumerate(group.variables):
                place = reserved.dataset(variables, str(index), expression)
                if place is not None:
                    places.append((expression, place))
        root.flush()
    return places


class Reserved:
    """Contiguous datasets without values. What they have in common is made once: models have many small ones."""

    def __init__(self) -> None:
        self._links = {ascii: _links(ascii) for ascii in (True, False)}
        self._text = h5py.h5t.py_create(h5py.string_dtype(), logical=True)
        self._one = h5py.h5s.create(h5py.h5s.SCALAR)
        self._layout = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        self._layout.set_layout(h5py.h5d.CONTIGUOUS)
        self._layout.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        self._layout.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
        self._layout.set_obj_track_times(False)
        self._kinds: dict[str, h5py.h5t.TypeID] = {}
        self._spaces: dict[tuple[int, ...], h5py.h5s.SpaceID] = {}

    def group(self, root: h5py.File, path: str, owner: str) -> h5py.h5g.GroupID:
        """A group that says whose variables it holds."""
        made = h5py.h5g.create(root.id, path.encode(), self._links[path.isascii()])
        attribute = h5py.h5a.create(made, b"name", self._text, self._one)
        attribute.write(np.asarray(owner, dtype=h5py.string_dtype()))
        return made

    def dataset(self, group: h5py.h5g.GroupID, name: str, expression: Expression) -> int | None:
        """Allocate one and return where its bytes belong."""
        kind, space = self._kind(expression.dtype), self._space(tuple(expression.shape))
        dataset = h5py.h5d.create(group, name.encode(), kind, space, self._layout)
        if expression.dtype == "bfloat16":
            h5py.Dataset(dataset).attrs["dtype"] = "bfloat16"
        offset = dataset.get_offset()
        return None if offset is None else int(offset)

    def _kind(self, dtype: str) -> h5py.h5t.TypeID:
        if dtype not in self._kinds:
            self._kinds[dtype] = h5py.h5t.py_create(np.dtype("V2" if dtype == "bfloat16" else dtype).newbyteorder("<"))
        return self._kinds[dtype]

    def _space(self, shape: tuple[int, ...]) -> h5py.h5s.SpaceID:
        if shape not in self._spaces:
            simple = h5py.h5s.create_simple(shape) if shape else h5py.h5s.create(h5py.h5s.SCALAR)
            self._spaces[shape] = simple
        return self._spaces[shape]


def _links(ascii: bool) -> h5py.h5p.PropLCID:
    """How links are made: with the groups on the way, and named in the simplest alphabet, as h5py names them."""
    found = h5py.h5p.create(h5py.h5p.LINK_CREATE)
    found.set_create_intermediate_group(True)
    found.set_char_encoding(h5py.h5t.CSET_ASCII if ascii else h5py.h5t.CSET_UTF8)
    return found


def write_value(expression: Expression, place: int, followed: Trail) -> None:
    """Write the bytes of a variable at `place`, little-endian, in bounded pieces."""
    followed.file.seek(place)
    extent = expression.tensor.extent() if isinstance(expression, Stored) else None
    if isinstance(expression, Stored) and extent is not None:
        copy_range(*extent, followed)
        return
    for piece in expression.rows():
        data = np.ascontiguousarray(piece).astype(piece.dtype.newbyteorder("<"), copy=False)
        followed.file.write(data.tobytes())
        followed.wrote(data.nbytes)
