"""When two names may mean one file."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path
from typing import NamedTuple, Protocol

PathLike = str | os.PathLike[str]
Inode = tuple[int, int]


class File(NamedTuple):
    """What tells files apart."""

    folded: str
    """The resolved name as a file system that knows neither case nor normal forms sees it."""
    inode: Inode | None
    """What the system knows it by; None where there is none, or it cannot be asked."""
    stat: os.stat_result | None = None
    """What the system says of it, where that was kept."""


class Names(Protocol):
    """How files are told apart."""

    def file(self, path: PathLike) -> File: ...


class Asked:
    """By asking the system, each time anew."""

    def file(self, path: PathLike) -> File:
        return File(folded(path), inode(path))


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
