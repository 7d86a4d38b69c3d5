"""Which lines of k2to3 have run: the feedback that guides a run."""

from __future__ import annotations

import sys
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import k2to3

PACKAGE = str(Path(k2to3.__file__).parent)
ENOUGH = 40
"""How often the lines of a function are followed without news before it is left alone."""


class Coverage:
    """Lines seen so far. Python 3.12 tells each line once; before, functions are followed until they bring no news."""

    def __init__(self) -> None:
        self.lines: set[tuple[CodeType, int]] = set()
        self._left: dict[CodeType, int] = {}
        self.news = False
        self._start()

    def fresh(self) -> bool:
        """Whether new lines ran since the last question."""
        found, self.news = self.news, False
        return found

    def _start(self) -> None:
        if sys.version_info < (3, 12):
            return
        monitoring: Any = sys.monitoring
        monitoring.use_tool_id(monitoring.COVERAGE_ID, "k2to3 fuzz")
        monitoring.register_callback(monitoring.COVERAGE_ID, monitoring.events.LINE, self._line)
        monitoring.set_events(monitoring.COVERAGE_ID, monitoring.events.LINE)

    def _line(self, code: CodeType, line: int) -> Any:
        if code.co_filename.startswith(PACKAGE):
            self.lines.add((code, line))
            self.news = True
        return sys.monitoring.DISABLE  # type: ignore[attr-defined,unused-ignore]

    def __enter__(self) -> Coverage:
        if sys.version_info < (3, 12):
            sys.settrace(self._call)
        return self

    def __exit__(self, *error: object) -> None:
        if sys.version_info < (3, 12):
            sys.settrace(None)

    def _call(self, frame: FrameType, event: str, argument: Any) -> Any:
        code = frame.f_code
        left = self._left.get(code)
        if left is None:
            left = self._left[code] = ENOUGH if code.co_filename.startswith(PACKAGE) else 0
        if left <= 0:
            return None
        self._left[code] = left - 1
        lines = self.lines

        def follow(frame: FrameType, event: str, argument: Any) -> Any:
            if event == "line" and (code, frame.f_lineno) not in lines:
                lines.add((code, frame.f_lineno))
                self._left[code] = ENOUGH
                self.news = True
            return follow

        return follow
