"""A process of ours ends when the one that started it does, however that one ends."""

from __future__ import annotations

import contextlib
import os
import threading
from multiprocessing.connection import Connection

from k2to3.isolation.start import ended_by_the_kernel


def die_with_parent(lifeline: Connection) -> None:
    """End this process when the one that holds the other end of `lifeline` is gone.

    The kernel does it on Linux, where no thread then stands in the way of a fork; elsewhere a thread does.
    """
    if not ended_by_the_kernel():
        _watch(lifeline)
    elif lifeline.poll():
        # It was gone before the kernel was told.
        os._exit(1)


def _watch(lifeline: Connection) -> None:
    def wait() -> None:
        with contextlib.suppress(EOFError, OSError):
            lifeline.recv_bytes()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
