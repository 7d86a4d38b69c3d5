"""Ctrl-C once: what has begun is finished, and nothing else is begun. Twice: everything stops."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


@dataclass
class Drain:
    """Whether it was asked for."""

    asked: bool = False


@contextmanager
def draining(told: Callable[[], None]) -> Iterator[Drain]:
    """Take the first Ctrl-C of the block as a wish to drain; `told` says so. It is raised when the block ends."""
    drain, before = Drain(), signal.getsignal(signal.SIGINT)

    def ask(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, before)
        drain.asked = True
        told()

    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield drain
        return
    signal.signal(signal.SIGINT, ask)
    try:
        yield drain
    finally:
        signal.signal(signal.SIGINT, before)
    if drain.asked:
        before(signal.SIGINT, None)
