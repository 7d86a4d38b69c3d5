"""One run at a time on one folder."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from k2to3.leftovers import acquired

NAME = ".k2to3.lock"
PAUSE = 0.2


@contextmanager
def locked(folder: Path, waiting: Callable[[], None] | None = None) -> Iterator[bool]:
    """Hold the lock of `folder`; wait for it, after saying so to `waiting`. The system lets go of it however we end.

    Whether another run had it, which may have changed what lies there.
    """
    path = folder / NAME
    lock, told = _tried(path), False
    while lock is None:
        if waiting is not None and not told:
            waiting()
        told = True
        time.sleep(PAUSE)
        lock = _tried(path)
    try:
        yield told
    finally:
        path.unlink(missing_ok=True)
        os.close(lock)


def _tried(path: Path) -> int | None:
    """The open lock, or None while another has it."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        # Whoever had it removed its name: then another file has the name by now.
        held = acquired(lock) is not False and path.exists() and os.path.samestat(os.fstat(lock), path.stat())
    except FileNotFoundError:
        held = False
    if not held:
        os.close(lock)
        return None
    return lock
