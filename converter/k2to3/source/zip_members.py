"""The members of a `.keras` archive that may be hostile.

Checked before a byte of a member is used: names that leave the archive or stand twice,
links, encryption, other compressions, overlapping members, sizes that do not add up or
that no honest compression reaches. Nothing is ever unpacked under a name of the archive.
"""

from __future__ import annotations

import stat
import zipfile
import zlib
from pathlib import Path

from k2to3.errors import FileError, NotKeras2, UnsafeFile
from k2to3.source.tensors import CHUNK_BYTES

MAX_MEMBERS = 10_000
# Deflate reaches 1032:1 on constant data.
MAX_RATIO = 1_100
RATIO_FLOOR = 1 << 20
LOCAL_HEADER = 30
METHODS = {zipfile.ZIP_STORED: "stored", zipfile.ZIP_DEFLATED: "deflated"}
Members = dict[str, zipfile.ZipInfo]


def read_members(path: Path) -> Members:
    """The checked directory of the archive, by name.

    Raises:
        NotKeras2: not a zip file, or a damaged one.
        UnsafeFile: see above.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            listed = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
        raise NotKeras2(f"a damaged zip file: {error}") from error
    except OSError as error:
        raise FileError(f"cannot be read: {error.strerror or error}") from error
    if len(listed) > MAX_MEMBERS:
        raise UnsafeFile(f"more than {MAX_MEMBERS} members in the archive")
    found: Members = {}
    size = path.stat().st_size
    for info in listed:
        if info.filename in found:
            raise UnsafeFile(f"two members are named {info.filename!r}")
        _check_name(info)
        _check_kind(info)
        _check_size(info, size)
        found[info.filename] = info
    _check_overlap(listed, size)
    return found


def _check_name(info: zipfile.ZipInfo) -> None:
    # `orig_filename` is what stands in the file: zipfile cuts names at a zero byte.
    name = info.orig_filename
    parts = name.rstrip("/").split("/")
    if name != info.filename or "\\" in name or ":" in parts[0] or any(part in ("", ".", "..") for part in parts):
        raise UnsafeFile(f"the member name {name!r} leaves the archive")


def _check_kind(info: zipfile.ZipInfo) -> None:
    if info.flag_bits & 0x1:
        raise UnsafeFile(f"member {info.filename!r} is encrypted")
    if info.compress_type not in METHODS:
        raise UnsafeFile(f"member {info.filename!r} uses an unknown compression")
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise UnsafeFile(f"member {info.filename!r} is a link or a device")


def _check_size(info: zipfile.ZipInfo, size: int) -> None:
    if info.is_dir() and info.file_size:
        raise UnsafeFile(f"folder {info.filename!r} has a content")
    if info.header_offset < 0 or info.header_offset + LOCAL_HEADER + info.compress_size > size:
        raise UnsafeFile(f"member {info.filename!r} declares more bytes than the file has")
    if info.compress_type == zipfile.ZIP_STORED and info.compress_size != info.file_size:
        raise UnsafeFile(f"member {info.filename!r} is stored, yet has two sizes")
    if info.file_size > RATIO_FLOOR and info.file_size > MAX_RATIO * info.compress_size:
        raise UnsafeFile(f"member {info.filename!r} declares {info.file_size} bytes in {info.compress_size}")


def _check_overlap(listed: list[zipfile.ZipInfo], size: int) -> None:
    position = 0
    for info in sorted(listed, key=lambda i: i.header_offset):
        if info.header_offset < position:
            raise UnsafeFile(f"member {info.filename!r} overlaps another")
        position = info.header_offset + LOCAL_HEADER + len(info.filename.encode()) + info.compress_size


def read_small(path: Path, info: zipfile.ZipInfo, limit: int) -> bytes:
    """A whole member of at most `limit` bytes, its checksum checked.

    Raises:
        UnsafeFile: longer than `limit`.
        NotKeras2: damaged.
    """
    if info.file_size > limit:
        raise UnsafeFile(f"member {info.filename!r} is longer than {limit} bytes")
    try:
        with zipfile.ZipFile(path) as archive, archive.open(info) as member:
            data = member.read(limit + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise NotKeras2(f"member {info.filename!r} is damaged: {error}") from error
    if len(data) != info.file_size:
        raise UnsafeFile(f"member {info.filename!r} is not as long as it says")
    return data


def stored_offset(path: Path, info: zipfile.ZipInfo) -> int:
    """Where the bytes of a stored member begin, after checking them against its CRC-32.

    Raises:
        NotKeras2: damaged.
    """
    with path.open("rb") as file:
        file.seek(info.header_offset)
        header = file.read(LOCAL_HEADER)
        name_size, extra_size = int.from_bytes(header[26:28], "little"), int.from_bytes(header[28:30], "little")
        if header[:4] != b"PK\x03\x04" or file.read(name_size) != info.filename.encode():
            raise NotKeras2(f"member {info.filename!r} is not where the directory says")
        offset = info.header_offset + LOCAL_HEADER + name_size + extra_size
        file.seek(offset)
        crc, left = 0, info.file_size
        while left:
            piece = file.read(min(CHUNK_BYTES, left))
            if not piece:
                break
            crc, left = zlib.crc32(piece, crc), left - len(piece)
    if left or crc != info.CRC:
        raise NotKeras2(f"member {info.filename!r} is damaged: its checksum is wrong")
    return offset


def unpack(path: Path, info: zipfile.ZipInfo, target: Path) -> None:
    """Write a compressed member to `target`, never more than it declares.

    Raises:
        NotKeras2: damaged. UnsafeFile: longer than it says.
    """
    left = info.file_size
    try:
        with zipfile.ZipFile(path) as archive, archive.open(info) as member, target.open("wb") as file:
            while piece := member.read(CHUNK_BYTES):
                left -= len(piece)
                if left < 0:
                    break
                file.write(piece)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise NotKeras2(f"member {info.filename!r} is damaged: {error}") from error
    if left:
        raise UnsafeFile(f"member {info.filename!r} is not as long as it says")
