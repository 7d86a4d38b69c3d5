"""Recorded inputs and outputs (`--reference`), looked into before anything is converted."""

from __future__ import annotations

import math
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np

from k2to3.errors import UsageError
from k2to3.limits import DEFAULT, Limits, too_much
from k2to3.sources.opened import OpenedFile, Part, TooLong, open_file

KINDS = ("in", "out")
HEADER = 1 << 14
DAMAGED = (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, RuntimeError, struct.error, zlib.error)
HINT = "record it where the file was written, with fixtures/authoring/record.py"


def check_reference(path: Path | None, limits: Limits = DEFAULT) -> None:
    """Make sure that the file holds arrays `in0…` and `out0…`, and that reading them is safe.

    Raises:
        FileError: missing, or no regular file.
        UsageError: not such a file.
        UnsafeFile: it unpacks to more than an honest file.
    """
    if path is None:
        return
    file = open_file(path)
    try:
        _check(file, limits)
    except DAMAGED as error:
        raise UsageError(f"--reference is no sound .npz file: {error}", file=str(path), hint=HINT) from error
    except UsageError as error:
        raise error.located(file=str(path)) from error.__cause__
    except TooLong as error:
        raise too_much("members", f"a directory of {error} bytes").located(file=str(path)) from error
    finally:
        file.close()


def _check(file: OpenedFile, limits: Limits) -> None:
    with zipfile.ZipFile(Part(file, most=max(1 << 17, limits.members * 400))) as archive:
        for kind in KINDS:
            _numbered(archive, kind)
        wanted = [info for info in archive.infolist() if info.filename.startswith(KINDS)]
        if (total := sum(info.file_size for info in wanted)) > limits.expanded(file.size):
            raise too_much("expansion", f"arrays of {total} bytes in {file.size}").located(file=str(file.path))
        for info in wanted:
            _check_array(archive, info)


def _numbered(archive: zipfile.ZipFile, kind: str) -> None:
    found = sorted(name for name in archive.namelist() if name.startswith(kind))
    if not found or set(found) != {f"{kind}{number}.npy" for number in range(len(found))}:
        raise UsageError(f"--reference holds no arrays {kind}0, {kind}1, …", hint=HINT)


def _check_array(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
    with archive.open(info) as member:
        version = np.lib.format.read_magic(member)
        read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}.get(version)
        if read is None:
            raise UsageError(f"{info.filename} of --reference has an unknown format", hint=HINT)
        shape, _, dtype = read(member, max_header_size=HEADER)
        size = math.prod(shape) * dtype.itemsize
        if dtype.hasobject or dtype.kind not in "fiubUS" or size != info.file_size - member.tell():
            raise UsageError(f"{info.filename} of --reference is no array of numbers or texts", hint=HINT)
