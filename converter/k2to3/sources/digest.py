"""Digests of files."""

from __future__ import annotations

from pathlib import Path


def sha256(path: Path) -> str:
    """Hex digest of a file, read in pieces."""
    # libcrypto is slow to load, and many a run makes no digest.
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
