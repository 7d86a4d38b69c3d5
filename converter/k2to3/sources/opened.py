"""The one opening of a file: everything that is read of it, and its digest, comes from the same handle."""

from __future__ import annotations

import contextlib
import io
import os
import stat
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from k2to3.errors import FileError, no_such_file

Identity = tuple[int, int, int, int, int]


@dataclass(frozen=True)
class OpenedFile:
    """A regular file, opened once for reading; `read_at` may be called from several threads."""

    path: Path
    descriptor: int
    identity: Identity
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @property
    def size(self) -> int:
        """Bytes, as they were when the file was opened."""
        return self.identity[2]

    def read_at(self, offset: int, size: int) -> bytes:
        """At most `size` bytes from `offset` on; fewer at the end of the file."""
        if hasattr(os, "pread"):
            return os.pread(self.descriptor, size, offset)
        with self._lock:
            os.lseek(self.descriptor, offset, os.SEEK_SET)
            return os.read(self.descriptor, size)

    def read_into(self, view: memoryview, offset: int) -> int:
        """Fill `view` from `offset` on; returns how many bytes there were."""
        if hasattr(os, "preadv"):
            return os.preadv(self.descriptor, [view], offset)
        found = self.read_at(offset, len(view))
        view[: len(found)] = found
        return len(found)

    def exactly(self, offset: int, size: int) -> bytearray:
        """`size` bytes from `offset` on.

        Raises:
            FileError: the file is shorter.
        """
        found = bytearray(size)
        view, done = memoryview(found), 0
        while done < size:
            count = self.read_into(view[done:], offset + done)
            if not count:
                raise FileError("became shorter while it was read", file=str(self.path))
            done += count
        return found

    def sha256(self) -> str:
        """Hex digest of the whole file, read in pieces."""
        # libcrypto is slow to load, and many a run makes no digest.
        import hashlib

        return hashlib.file_digest(Part(self), "sha256").hexdigest()

    def check_same(self, descriptor: int) -> None:
        """Make sure that another library's handle is of this file.

        Raises:
            FileError: the name was given to another file meanwhile.
        """
        if _identity(descriptor)[:2] != self.identity[:2]:
            raise self._changed()

    def check_identity(self, identity: Identity) -> None:
        """Make sure that it is what somebody else opened.

        Raises:
            FileError: it is not.
        """
        if self.identity != identity:
            raise self._changed()

    def check_unchanged(self) -> None:
        """Make sure that nobody wrote into the file since it was opened.

        Raises:
            FileError: its size or times are others.
        """
        if _identity(self.descriptor) != self.identity:
            raise self._changed()

    def _changed(self) -> FileError:
        return FileError("changed while it was read", file=str(self.path), hint="try again when nobody writes to it")

    def close(self) -> None:
        """Close it; once is enough."""
        with contextlib.suppress(OSError):
            os.close(self.descriptor)


def open_file(path: Path) -> OpenedFile:
    """Open a regular file for reading; pipes, devices and folders are not even waited for.

    Raises:
        FileError: missing, not readable, or not a regular file.
    """
    # A FIFO without a writer would block here for ever.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        kind = os.stat(path).st_mode
        if stat.S_ISDIR(kind):
            raise FileError("is a directory, not a file", file=str(path))
        if not stat.S_ISREG(kind):
            raise FileError("is not a regular file", file=str(path))
        descriptor = os.open(path, flags)
    except FileNotFoundError as error:
        raise no_such_file(str(path)) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise FileError(f"cannot be read: {reason}", file=str(path)) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileError("is not a regular file", file=str(path))
    return OpenedFile(path, descriptor, _identity(descriptor))


@contextmanager
def unchanged(paths: Iterable[Path]) -> Iterator[None]:
    """Make sure that files are the same after the block as before.

    Raises:
        FileError: missing, no regular file, or another one meanwhile.
    """
    with ExitStack() as stack:
        files = [open_file(path) for path in paths]
        for file in files:
            stack.callback(file.close)
        yield
        for file in files:
            file.check_unchanged()


def _identity(descriptor: int) -> Identity:
    found = os.fstat(descriptor)
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


class TooLong(Exception):
    """A read of more bytes than whoever opened a `Part` expects; its argument says how many."""


class Part(io.RawIOBase):
    """`size` bytes of an opened file from `offset` on, as a file of its own (for zipfile and h5py).

    `most` bounds a single read: a directory is read in one piece, whatever length the file claims for it.
    """

    def __init__(self, file: OpenedFile, offset: int = 0, size: int | None = None, most: int | None = None) -> None:
        self._file, self._offset, self._position, self._most = file, offset, 0, most
        self._size = file.size - offset if size is None else size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, position: int, whence: int = 0) -> int:
        self._position = (0, self._position, self._size)[whence] + position
        return self._position

    def tell(self) -> int:
        return self._position

    def read(self, size: int | None = -1) -> bytes:
        """As a file reads, but never with room for more than there is.

        Raises:
            TooLong: more than `most`.
        """
        left = max(0, self._size - self._position)
        wanted = left if size is None or size < 0 else min(size, left)
        if self._most is not None and wanted > self._most:
            raise TooLong(wanted)
        return super().read(wanted) or b""

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        left = max(0, min(len(view), self._size - self._position))
        count = self._file.read_into(view[:left], self._offset + self._position)
        self._position += count
        return count
