"""Digests of files."""

from __future__ import annotations

import hashlib
from io import BufferedReader
from pathlib import Path


def sha256(path: Path) -> str:
    """Hex digest of a file, read in pieces."""
    return digest_and_close(path.open("rb"))


def digest_and_close(file: BufferedReader) -> str:
    """Hex digest of an open file, which may take another name meanwhile."""
    with file:
        return hashlib.file_digest(file, "sha256").hexdigest()
