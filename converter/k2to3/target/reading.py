"""Reading variables back from an archive on disk."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import h5py

from k2to3.errors import K2to3Error, NotKeras2, UnsafeFile
from k2to3.source.hdf5 import check_tree
from k2to3.source.json_text import parse_object

WEIGHTS = "model.weights.h5"
CONFIG = "config.json"


class _Member(io.RawIOBase):
    """A stored zip member as a file of its own, without unpacking it."""

    def __init__(self, file: BinaryIO, offset: int, size: int) -> None:
        self._file, self._offset, self._size, self._position = file, offset, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, position: int, whence: int = 0) -> int:
        base = (0, self._position, self._size)[whence]
        self._position = base + position
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: Any) -> int:
        left = max(0, self._size - self._position)
        view = memoryview(buffer)[:left]
        self._file.seek(self._offset + self._position)
        count = int(self._file.readinto(view))  # type: ignore[attr-defined]
        self._position += count
        return count


@contextmanager
def open_weights(path: Path) -> Iterator[h5py.File]:
    """The HDF5 file inside a `.keras` archive.

    Raises:
        NotKeras2: not an archive, or its weights are compressed.
    """
    try:
        info = zipfile.ZipFile(path).getinfo(WEIGHTS)
    except (zipfile.BadZipFile, KeyError, OSError) as error:
        raise NotKeras2(f"not a .keras archive with weights: {error}", file=str(path)) from error
    if info.compress_type != zipfile.ZIP_STORED:
        raise UnsafeFile("its weights are compressed, which no Keras writes", file=str(path))
    with path.open("rb") as file:
        file.seek(info.header_offset + 26)
        lengths = file.read(4)
        name, extra = int.from_bytes(lengths[:2], "little"), int.from_bytes(lengths[2:], "little")
        offset = info.header_offset + 30 + name + extra
        with h5py.File(_Member(file, offset, info.file_size), "r") as root:
            check_tree(root, info.file_size)
            yield root


def is_compiled(path: Path) -> bool:
    """Whether the archive carries training state; False for what is no archive."""
    try:
        return bool(parse_object(read_config(path).decode(), CONFIG).get("compile_config"))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile, K2to3Error):
        return False


def read_config(path: Path) -> bytes:
    """`config.json` of an archive."""
    with zipfile.ZipFile(path) as archive:
        return archive.read(CONFIG)
