"""Signals that end a run: they arrive as an exception, so that everything is put away on the way out."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from k2to3.dataclass import dataclass

NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


class Stopped(KeyboardInterrupt):
    """The run was asked to end."""


@dataclass
class Stop:
    """Which signal asked, if one did: libraries may swallow the exception."""

    number: int = 0

    @property
    def exit_code(self) -> int:
        return 128 + (self.number or signal.SIGINT)


@contextmanager
def stoppable() -> Iterator[Stop]:
    """Let the ending signals raise `Stopped` inside, but for those that whoever started us ignores."""
    stop, before = Stop(), {}

    def ask(number: int, frame: FrameType | None) -> None:
        stop.number = number
        raise Stopped(signal.Signals(number).name)

    if threading.current_thread() is threading.main_thread():
        for number in (getattr(signal, name) for name in NAMES if hasattr(signal, name)):
            if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                before[number] = signal.signal(number, ask)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
