"""Digests of files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from k2to3.dataclass import dataclass

if TYPE_CHECKING:
    from hashlib import _Hash

PIECE = 1 << 20


def sha256(path: Path) -> str:
    """Hex digest of a file, read in pieces."""
    return sha256_without(path, 0).with_rest()


@dataclass(frozen=True)
class Begun:
    """The digest of a file, up to `position`."""

    path: Path
    position: int
    state: _Hash

    def with_rest(self) -> str:
        """Hex digest of the whole file, as it is now."""
        _add(self.state, self.path, self.position, self.path.stat().st_size)
        return self.state.hexdigest()


def sha256_without(path: Path, rest: int) -> Begun:
    """The digest of a file but for its last `rest` bytes, which are not final yet."""
    # libcrypto is slow to load, and many a run makes no digest.
    import hashlib

    begun = Begun(path, max(0, path.stat().st_size - rest), hashlib.sha256())
    _add(begun.state, path, 0, begun.position)
    return begun


def _add(state: _Hash, path: Path, start: int, stop: int) -> None:
    buffer = memoryview(bytearray(PIECE))
    with path.open("rb", buffering=0) as file:
        file.seek(start)
        while start < stop and (count := file.readinto(buffer[: stop - start])):
            state.update(buffer[:count])
            start += count
