"""A finished file takes its name."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import sys
from pathlib import Path

from k2to3.errors import FileError
from k2to3.publish.identity import inode

AT_FDCWD = -100
RENAME_NOREPLACE = 1
NO_SYNC = frozenset({errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP})


def exists_error(target: Path) -> FileError:
    return FileError("already exists", file=str(target), hint="--overwrite replaces it")


def sync(path: Path) -> None:
    """Let the bytes reach the disk before the name does."""
    with path.open("rb") as file:
        try:
            os.fsync(file.fileno())
        except OSError as error:
            if error.errno not in NO_SYNC:
                raise


def sync_folder(folder: Path) -> None:
    """Let the name reach the disk, where the system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def take_free_name(part: Path, target: Path) -> None:
    """Give `part` the name `target`, which nobody else may have taken meanwhile.

    Raises:
        FileError: the name exists. OSError: it cannot be given.
    """
    for way in (_linked, _renamed, _reserved):
        try:
            if way(part, target):
                return
        except FileExistsError as error:
            raise exists_error(target) from error


def _linked(part: Path, target: Path) -> bool:
    """A hard link fails where the name exists; some file systems have none."""
    try:
        os.link(part, target, follow_symlinks=False)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):
        return False
    return True


def _renamed(part: Path, target: Path) -> bool:
    """A rename that replaces nothing, as Linux and Windows know it."""
    if sys.platform == "win32":
        os.rename(part, target)
        return True
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        return False
    if call(AT_FDCWD, os.fsencode(part), AT_FDCWD, os.fsencode(target), RENAME_NOREPLACE) == 0:
        return True
    if ctypes.get_errno() == errno.EEXIST:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    return False


def _reserved(part: Path, target: Path) -> bool:
    """Where the system has neither: an empty file of ours holds the name for a moment."""
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    known = inode(target)
    try:
        os.replace(part, target)
    except BaseException:
        if inode(target) == known:
            target.unlink()
        raise
    return True
