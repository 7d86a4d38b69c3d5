"""When two names may mean one file."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable
from pathlib import Path

Inode = tuple[int, int]
Fold = Callable[[Path], str]


def inode(path: Path, *, follow: bool = True) -> Inode | None:
    """What the system knows the file by; None where there is none, or it cannot be asked."""
    try:
        found = os.stat(path, follow_symlinks=follow)
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino


def folded(path: Path) -> str:
    """The resolved name as a file system that knows neither case nor normal forms sees it."""
    return _without_case(os.path.realpath(path))


class Folded:
    """`folded` of many paths at one moment: each path is looked at once, and each folder resolved once."""

    def __init__(self) -> None:
        self._folders: dict[str, str] = {}
        self._known: dict[Path, str] = {}

    def __call__(self, path: Path) -> str:
        if path not in self._known:
            self._known[path] = self._folded(path)
        return self._known[path]

    def _folded(self, path: Path) -> str:
        folder, name = os.path.split(path)
        if name in ("", os.curdir, os.pardir) or os.path.islink(path):
            return folded(path)
        if folder not in self._folders:
            self._folders[folder] = os.path.realpath(folder)
        return _without_case(os.path.join(self._folders[folder], name))


def _without_case(name: str) -> str:
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def same(a: Path, b: Path) -> bool:
    """Whether the two are, or on some file system may become, one file."""
    known = inode(a)
    return (known is not None and known == inode(b)) or folded(a) == folded(b)
