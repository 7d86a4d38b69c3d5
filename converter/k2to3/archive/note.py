"""What an archive says of itself in `metadata.json`, which no Keras 3 reads: what it was made of, and the verdict.

The verdict is known when everything is written. The member is written with room for the note, so that another one
moves nothing: neither the configuration nor any variable that was proved. It is the last one, so that the digest of
all before it can be taken while the proof runs.
"""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

from k2to3.dataclass import dataclass
from k2to3.version import __version__

METADATA = "metadata.json"
ROOM = 384
REACH = 1024
"""Bytes at the end of an archive; a note changes none before them."""
PROVED, NOT_PROVED = "proved", "not proved"
# The fixed part of a local header, and behind the name the field of its sizes.
BEFORE_DATA = 30 + len(METADATA) + 20
CRC_IN_HEADER, CRC_IN_DIRECTORY = 14, 16


@dataclass(frozen=True)
class Note:
    """No signature: whoever can change an archive can change it. `k2to3 verify` asks the files themselves."""

    source_sha256: str | None
    """Of the checkpoint, as the report has it: taken beside the proof, and not without one."""
    verdict: str
    """`PROVED` or `NOT_PROVED`."""
    level: str
    """How far it was to be proved."""


def metadata_bytes(said: dict[str, Any], note: Note | None = None) -> bytes:
    """The member, as long whatever it says."""
    data = json.dumps(said if note is None else {**said, "k2to3": {"version": __version__, **asdict(note)}}).encode()
    assert len(data) <= ROOM
    return data.ljust(ROOM)


def write_note(path: Path, note: Note) -> None:
    """Put `note` into an archive that `write_zip` wrote, in place of what it says."""
    # Slow to import, and without a proof all is said when the archive is written.
    import zipfile

    with zipfile.ZipFile(path) as archive:
        start, directory = archive.getinfo(METADATA).header_offset, archive.start_dir
        said = json.loads(archive.read(METADATA))
    data = metadata_bytes(said, note)
    crc = struct.pack("<I", zlib.crc32(data))
    with path.open("r+b") as file:
        for place, piece in (
            (start + CRC_IN_HEADER, crc),
            (start + BEFORE_DATA, data),
            (directory + CRC_IN_DIRECTORY, crc),
        ):
            file.seek(place)
            file.write(piece)
