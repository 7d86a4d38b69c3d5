"""Reading variables back from an archive on disk."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py

from k2to3.errors import K2to3Error, NotKeras2, UnsafeFile
from k2to3.source.hdf5 import check_tree, open_hdf5
from k2to3.source.json_text import parse_object
from k2to3.source.member import Member

WEIGHTS = "model.weights.h5"
CONFIG = "config.json"


@contextmanager
def open_weights(path: Path) -> Iterator[h5py.File]:
    """The HDF5 file inside a `.keras` archive, or a `.weights.h5` file.

    Raises:
        NotKeras2: neither, or its weights are compressed.
    """
    if h5py.is_hdf5(path):
        with open_hdf5(path) as root:
            yield root
        return
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
        with h5py.File(Member(file, offset, info.file_size), "r") as root:
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
