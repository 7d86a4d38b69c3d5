"""By what a zip archive is known, without reading it."""

from __future__ import annotations

from k2to3.sources.opened import OpenedFile, Part

START = b"PK\x03\x04"
# The end record and the longest comment.
TAIL = 22 + (1 << 16)


def is_zip(file: OpenedFile) -> bool:
    """Whether the file begins like a zip archive."""
    return file.read_at(0, 4) == START


def ends_like_zip(file: OpenedFile) -> bool:
    """Whether a reader of zip archives would find one here, whatever the file begins with."""
    if end_record(file) is None:
        return False
    # Slow to import, and a checkpoint in HDF5 has no end record.
    import zipfile

    return zipfile.is_zipfile(Part(file))


def end_record(file: OpenedFile) -> int | None:
    """Where the end record begins."""
    start = max(0, file.size - TAIL)
    position = file.read_at(start, TAIL).rfind(b"PK\x05\x06")
    return None if position < 0 or start + position + 22 > file.size else start + position
