"""Reading variables back from an archive on disk."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py

from k2to3.errors import K2to3Error, NotKeras2, UnsafeFile
from k2to3.limits import DEFAULT, Limits
from k2to3.sources.hdf5 import Hdf5, is_hdf5, open_part, read_part
from k2to3.sources.json_text import Json, parse_object
from k2to3.sources.opened import OpenedFile, open_file
from k2to3.sources.zip_members import read_members, read_small, stored_offset
from k2to3.sources.zip_signs import is_zip

WEIGHTS = "model.weights.h5"
CONFIG = "config.json"
MEMBERS = {"metadata.json", CONFIG, WEIGHTS}


@contextmanager
def read_weights(path: Path, limits: Limits = DEFAULT) -> Iterator[Hdf5]:
    """The HDF5 file inside a `.keras` archive, or a `.weights.h5` file.

    Raises:
        NotKeras2: neither. UnsafeFile: hostile, or its weights are compressed.
    """
    with _located(path) as file:
        hdf5 = read_part(file, *_extent(file, limits), limits)
        try:
            yield hdf5
        finally:
            hdf5.close()


@contextmanager
def open_weights(path: Path, limits: Limits = DEFAULT, *, own: bool = False) -> Iterator[h5py.File]:
    """As `read_weights`, with h5py.

    `own`: this process has just written it, so there is nothing to examine.
    """
    with _located(path) as file, open_part(file, *_extent(file, limits), limits, own=own) as root:
        yield root


@contextmanager
def _located(path: Path) -> Iterator[OpenedFile]:
    file = open_file(path)
    try:
        yield file
    except K2to3Error as error:
        raise error.located(file=str(path)) from error.__cause__
    finally:
        file.close()


def _extent(file: OpenedFile, limits: Limits) -> tuple[int, int]:
    if not is_zip(file):
        if not is_hdf5(file):
            raise NotKeras2("not a .keras archive with weights, and no HDF5 file")
        return 0, file.size
    members = read_members(file, limits)
    if WEIGHTS not in members:
        raise NotKeras2(f"not a .keras archive with weights: no {WEIGHTS}")
    info = members[WEIGHTS]
    if info.compress_type != zipfile.ZIP_STORED:
        raise UnsafeFile("its weights are compressed, which no Keras writes")
    return stored_offset(file, info), info.file_size


def check_members(path: Path, limits: Limits = DEFAULT) -> None:
    """Make sure that an archive holds what we write and nothing besides, which Keras might read instead or as well.

    Raises:
        UnsafeFile: another member. NotKeras2: one is missing, or no archive.
    """
    file = open_file(path)
    try:
        found = set(read_members(file, limits))
    except K2to3Error as error:
        raise error.located(file=str(path)) from error.__cause__
    finally:
        file.close()
    if extra := sorted(found - MEMBERS):
        raise UnsafeFile(f"holds {extra[0]!r}, which no conversion writes", file=str(path))
    if missing := sorted(MEMBERS - found):
        raise NotKeras2(f"no {missing[0]} in the archive", file=str(path))


def is_compiled(path: Path) -> bool:
    """Whether the archive carries training state; False for what is no archive."""
    try:
        return bool(read_config(path).get("compile_config"))
    except K2to3Error:
        return False


def read_config(path: Path, limits: Limits = DEFAULT) -> Json:
    """`config.json` of an archive.

    Raises:
        NotKeras2: no archive, or damaged. FileError: cannot be read.
    """
    file = open_file(path)
    try:
        members = read_members(file, limits)
        if CONFIG not in members:
            raise NotKeras2(f"no {CONFIG} in the archive", file=str(path))
        return parse_object(read_small(file, members[CONFIG], limits.config_bytes).decode(), CONFIG, limits)
    except UnicodeDecodeError as error:
        raise NotKeras2(f"{CONFIG} is not UTF-8 text", file=str(path)) from error
    finally:
        file.close()
