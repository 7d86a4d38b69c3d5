"""What an archive says of itself in `metadata.json`, which no Keras 3 reads: what it was made of, and the verdict.

The verdict is known when everything is written. The member is written with room for the note, so that putting it
there moves nothing: neither the configuration nor any variable that was proved.
"""

from __future__ import annotations

import json
import struct
import zipfile
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

from k2to3.dataclass import dataclass
from k2to3.version import __version__

METADATA = "metadata.json"
ROOM = 384
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


def metadata_bytes(said: dict[str, Any]) -> bytes:
    """The member, as long whatever it says."""
    data = json.dumps(said).encode()
    assert len(data) <= ROOM
    return data.ljust(ROOM)


def write_note(path: Path, note: Note) -> None:
    """Put `note` into an archive that `write_zip` wrote."""
    with zipfile.ZipFile(path) as archive:
        start, directory = archive.getinfo(METADATA).header_offset, archive.start_dir
        said = json.loads(archive.read(METADATA))
    data = metadata_bytes({**said, "k2to3": {"version": __version__, **asdict(note)}})
    crc = struct.pack("<I", zlib.crc32(data))
    with path.open("r+b") as file:
        for place, piece in (
            (start + CRC_IN_HEADER, crc),
            (start + BEFORE_DATA, data),
            (directory + CRC_IN_DIRECTORY, crc),
        ):
            file.seek(place)
            file.write(piece)
