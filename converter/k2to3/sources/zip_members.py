"""The members of a `.keras` archive that may be hostile.

Checked before a byte of a member is used: names that leave the archive or stand twice,
links, encryption, other compressions, overlapping members, sizes that do not add up or
that no honest compression reaches. Nothing is ever unpacked under a name of the archive.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from pathlib import Path

from k2to3.errors import Damaged, FileError, NotKeras2, UnsafeFile
from k2to3.limits import DEFAULT, Limits, too_much
from k2to3.sources.crc32 import fastest
from k2to3.sources.opened import OpenedFile, Part, TooLong
from k2to3.sources.tensors import CHUNK_BYTES
from k2to3.sources.zip_signs import TAIL

# Deflate reaches 1032:1 on constant data.
MAX_RATIO = 1_100
RATIO_FLOOR = 1 << 20
LOCAL_HEADER = 30
# Entries of an honest directory: a header of 46 bytes, a name, and a zip64 field.
DIRECTORY_ENTRY = 400
METHODS = {zipfile.ZIP_STORED: "stored", zipfile.ZIP_DEFLATED: "deflated"}
Members = dict[str, zipfile.ZipInfo]


def read_members(file: OpenedFile, limits: Limits = DEFAULT) -> Members:
    """The checked directory of the archive, by name.

    Raises:
        NotKeras2: not a zip file. Damaged: its directory does not add up.
        UnsafeFile: see above.
    """
    try:
        # Whichever of its end records zipfile believes, it reads the directory in one piece.
        with zipfile.ZipFile(Part(file, most=max(TAIL, limits.members * DIRECTORY_ENTRY))) as archive:
            listed = archive.infolist()
    except TooLong as error:
        raise too_much("members", f"a directory of {error} bytes in the archive") from error
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, struct.error, IndexError) as error:
        if file.read_at(0, 2) != b"PK":
            raise NotKeras2("not a zip file") from error
        raise Damaged(f"a damaged zip file: {error}") from error
    except OSError as error:
        raise FileError(f"cannot be read: {error.strerror or error}") from error
    if len(listed) > limits.members:
        raise too_much("members", f"more than {limits.members} members in the archive")
    found: Members = {}
    for info in listed:
        if info.filename in found:
            raise UnsafeFile(f"two members are named {info.filename!r}")
        _check_name(info, limits)
        _check_kind(info)
        _check_size(info, file.size)
        found[info.filename] = info
    _check_overlap(listed, file.size)
    if (total := sum(info.file_size for info in listed)) > limits.expanded(file.size):
        raise too_much("expansion", f"members of {total} bytes in an archive of {file.size}")
    return found


def _check_name(info: zipfile.ZipInfo, limits: Limits) -> None:
    # `orig_filename` is what stands in the file: zipfile cuts names at a zero byte.
    name = info.orig_filename
    if len(name) > limits.name_bytes:
        raise too_much("name_bytes", f"a member name of {len(name)} characters")
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


def read_small(file: OpenedFile, info: zipfile.ZipInfo, limit: int) -> bytes:
    """A whole member of at most `limit` bytes, its checksum checked.

    Raises:
        UnsafeFile: longer than `limit`.
        Damaged: its bytes do not add up.
    """
    if info.file_size > limit:
        raise too_much("config_bytes", f"member {info.filename!r} is longer than {limit} bytes")
    try:
        with zipfile.ZipFile(Part(file)) as archive, archive.open(info) as member:
            data = member.read(limit + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise Damaged(f"member {info.filename!r} is damaged: {error}") from error
    if len(data) != info.file_size:
        raise UnsafeFile(f"member {info.filename!r} is not as long as it says")
    return data


def stored_offset(file: OpenedFile, info: zipfile.ZipInfo) -> int:
    """Where the bytes of a stored member begin, after checking them against its CRC-32.

    Raises:
        Damaged: its bytes do not add up.
    """
    header = file.read_at(info.header_offset, LOCAL_HEADER)
    if len(header) < LOCAL_HEADER:
        raise Damaged(f"member {info.filename!r} is not where the directory says")
    name_size, extra_size = struct.unpack_from("<HH", header, 26)
    name = file.read_at(info.header_offset + LOCAL_HEADER, name_size)
    if header[:4] != b"PK\x03\x04" or name != info.filename.encode():
        raise Damaged(f"member {info.filename!r} is not where the directory says")
    offset = info.header_offset + LOCAL_HEADER + name_size + extra_size
    crc, position, end = 0, offset, offset + info.file_size
    while piece := file.read_at(position, min(CHUNK_BYTES, end - position)):
        crc, position = fastest()(piece, crc), position + len(piece)
    if position != end or crc != info.CRC:
        raise Damaged(f"member {info.filename!r} is damaged: its checksum is wrong")
    return int(offset)


def unpack(file: OpenedFile, info: zipfile.ZipInfo, target: Path) -> None:
    """Write a compressed member to `target`, never more than it declares.

    Raises:
        Damaged: its bytes do not add up. UnsafeFile: longer than it says.
    """
    left = info.file_size
    try:
        with zipfile.ZipFile(Part(file)) as archive, archive.open(info) as member, target.open("wb") as found:
            while piece := member.read(CHUNK_BYTES):
                left -= len(piece)
                if left < 0:
                    break
                found.write(piece)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise Damaged(f"member {info.filename!r} is damaged: {error}") from error
    if left:
        raise UnsafeFile(f"member {info.filename!r} is not as long as it says")
