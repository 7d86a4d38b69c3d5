"""Temporary folders that a killed run cannot leave for ever.

A folder is held as long as its run lives: a lock on a file inside, which the system lets go of
however the run ends. Whoever makes the next one in the same place removes those that nobody holds.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from k2to3.errors import FileError

NAME = re.compile(r"\.k2to3-[0-9a-f]{16}\.part")
LOCK = "k2to3.lock"
TRIES = 100
# File systems without locks: nothing there is ever taken for dead.
NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL})


@contextmanager
def scratch_folder(parent: Path | None = None) -> Iterator[Path]:
    """A folder below `parent` (default: the system's place for temporary files), removed at the end.

    Raises:
        FileError: there is no place where it can be made.
    """
    place = _temporary() if parent is None else parent
    clear(place)
    try:
        folder, lock = _made(place)
    except OSError as error:
        raise FileError(f"cannot write here: {error.strerror}", file=str(place)) from error
    try:
        yield folder
    finally:
        remove(folder)
        if lock is not None:
            os.close(lock)


def _temporary() -> Path:
    import tempfile

    try:
        return Path(tempfile.gettempdir())
    except FileNotFoundError as error:
        raise FileError("there is no folder for temporary files", hint="set TMPDIR to one") from error


def clear(parent: Path) -> None:
    """Remove the folders below `parent` that dead runs of this user left."""
    try:
        names = [name for name in os.listdir(parent) if NAME.fullmatch(name)]
    except OSError:
        return
    for name in names:
        with contextlib.suppress(OSError):
            _clear_dead(parent / name)


def _clear_dead(folder: Path) -> None:
    # In a folder for everybody, only what is our own, and never through a link.
    if folder.is_symlink() or (hasattr(os, "geteuid") and folder.lstat().st_uid != os.geteuid()):
        return
    try:
        lock = os.open(folder / LOCK, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    except FileNotFoundError:
        # Killed before it was held, or about to be: then its maker takes another name.
        folder.rmdir()
        return
    try:
        if acquired(lock) is True:
            remove(folder)
    finally:
        os.close(lock)


def _made(parent: Path) -> tuple[Path, int | None]:
    for _ in range(TRIES):
        folder = parent / f".k2to3-{os.urandom(8).hex()}.part"
        folder.mkdir(0o700)
        try:
            lock = _held(folder)
        except FileNotFoundError:
            # Whoever cleared dead folders was between the two calls.
            continue
        except BaseException:
            remove(folder)
            raise
        if lock is not None:
            return folder, lock
    raise FileError("temporary folders vanish as they are made", file=str(parent))


def _held(folder: Path) -> int | None:
    """The lock, or None when another took it first to clear the folder."""
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    if acquired(lock) is not False and (folder / LOCK).exists():
        return lock
    os.close(lock)
    return None


def acquired(lock: int) -> bool | None:
    """Whether the lock is ours now; None where there are no locks."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(lock, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return None if error.errno in NO_LOCKS else False
    return True


def remove(folder: Path) -> None:
    """Remove a folder of ours; the lock goes last, so that what is left can be told later."""
    for _ in range(2):
        with contextlib.suppress(OSError):
            for path in folder.iterdir():
                if path.name == LOCK:
                    continue
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)
            (folder / LOCK).unlink(missing_ok=True)
            folder.rmdir()
            return
