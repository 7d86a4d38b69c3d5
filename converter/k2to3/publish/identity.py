"""When two names may mean one file."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

Inode = tuple[int, int]


def inode(path: Path, *, follow: bool = True) -> Inode | None:
    """What the system knows the file by; None where there is none, or it cannot be asked."""
    try:
        found = os.stat(path, follow_symlinks=follow)
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino


def folded(path: Path) -> str:
    """The resolved name as a file system that knows neither case nor normal forms sees it."""
    name = unicodedata.normalize("NFC", os.path.realpath(path))
    return unicodedata.normalize("NFC", name.casefold())


def same(a: Path, b: Path) -> bool:
    """Whether the two are, or on some file system may become, one file."""
    known = inode(a)
    return (known is not None and known == inode(b)) or folded(a) == folded(b)
