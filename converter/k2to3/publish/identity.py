"""When two names may mean one file."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path
from typing import Protocol

PathLike = str | os.PathLike[str]
Inode = tuple[int, int]


class Names(Protocol):
    """How files are told apart."""

    def folded(self, path: PathLike) -> str: ...

    def inode(self, path: PathLike) -> Inode | None: ...


class Asked:
    """By asking the system, each time anew."""

    def folded(self, path: PathLike) -> str:
        return folded(path)

    def inode(self, path: PathLike) -> Inode | None:
        return inode(path)


ASKED = Asked()


def inode(path: PathLike, *, follow: bool = True) -> Inode | None:
    """What the system knows the file by; None where there is none, or it cannot be asked."""
    try:
        found = os.stat(path, follow_symlinks=follow)
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino


def folded(path: PathLike) -> str:
    """The resolved name as a file system that knows neither case nor normal forms sees it."""
    return without_case(os.path.realpath(path))


def without_case(name: str) -> str:
    """A name as a file system that knows neither case nor normal forms sees it."""
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def same(a: Path, b: Path) -> bool:
    """Whether the two are, or on some file system may become, one file."""
    known = inode(a)
    return (known is not None and known == inode(b)) or folded(a) == folded(b)
