"""The files of one checkpoint that is not one file, each opened once."""

from __future__ import annotations

import stat
from dataclasses import dataclass, field
from pathlib import Path

from k2to3.errors import FileError, UnsafeFile
from k2to3.sources.opened import OpenedFile, open_file

MODEL = "saved_model.pb"
WHOLE = "a SavedModel is the whole folder, variables/ beside saved_model.pb (git lfs pull brings what Git keeps apart)"
COPY = "copy it with its links followed (cp -rL OLD NEW) where you trust what they lead to"


def is_saved_model(path: Path) -> bool:
    """Whether a path is the folder of a SavedModel."""
    return path.is_dir() and (path / MODEL).exists()


@dataclass(frozen=True)
class OpenedFolder:
    """Files below `base`, opened as they are asked for; `path` is what the user named."""

    path: Path
    base: Path
    files: dict[str, OpenedFile] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes of all files that were opened."""
        return sum(file.size for file in self.files.values())

    def open(self, name: str) -> OpenedFile:
        """The file `name` (`variables/variables.index`), the same one every time.

        Raises:
            FileError: missing, or no regular file. UnsafeFile: the name leaves the folder, or a part of it is a link.
        """
        if name not in self.files:
            self.files[name] = self._opened(name)
        return self.files[name]

    def _opened(self, name: str) -> OpenedFile:
        parts = name.split("/")
        if any(part in ("", ".", "..") or "\\" in part or ":" in part or "\0" in part for part in parts):
            raise UnsafeFile(f"the name {name!r} leaves the folder")
        path = self.base
        for part in parts:
            path = path / part
            _check_no_link(path, name)
        file = open_file(path)
        found = path.lstat()
        if (found.st_dev, found.st_ino) != file.identity[:2]:
            file.close()
            raise FileError("changed while it was opened", file=str(path))
        return file

    def holds(self, name: str) -> bool:
        """Whether there is something of this name."""
        return (self.base / name).exists()

    def sha256(self) -> str:
        """Hex digest over the digests and names of all files, as `sha256sum FILES | sha256sum` from the folder."""
        import hashlib

        lines = (f"{self.files[name].sha256()}  {name}\n" for name in sorted(self.files))
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def check_unchanged(self) -> None:
        """Make sure that nobody wrote into a file since it was opened.

        Raises:
            FileError: its size or times are others.
        """
        for file in self.files.values():
            file.check_unchanged()

    def close(self) -> None:
        """Close all of them; once is enough."""
        for file in self.files.values():
            file.close()


def _check_no_link(path: Path, name: str) -> None:
    try:
        found = path.lstat()
    except FileNotFoundError as error:
        raise FileError("no such file, which the folder should hold", file=str(path), hint=WHOLE) from error
    except OSError as error:
        raise FileError(f"cannot be read: {error.strerror or error}", file=str(path)) from error
    if stat.S_ISLNK(found.st_mode):
        raise UnsafeFile(f"{name!r} is a link, or behind one", hint=COPY)
