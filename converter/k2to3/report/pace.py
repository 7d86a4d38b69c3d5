"""How fast a long run goes on."""

from __future__ import annotations

import time
from dataclasses import field

from k2to3.dataclass import dataclass


@dataclass
class Pace:
    """Counts files; what was done before the run began takes no time."""

    begun: float = field(default_factory=time.monotonic)
    done: int = 0
    failed: int = 0

    def add(self, failed: bool) -> None:
        self.done += 1
        self.failed += failed

    def line(self, left: int) -> str:
        """`2.5 files/s, 3 failed, 0:40 left`."""
        rate = self.done / max(time.monotonic() - self.begun, 1e-3)
        minutes, seconds = divmod(round(left / rate), 60) if rate else (0, 0)
        hours, minutes = divmod(minutes, 60)
        clock = f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
        return f"{rate:.2g} files/s, {self.failed} failed, {clock} left"
