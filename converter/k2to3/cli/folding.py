"""Lines that fit a terminal: words stay whole, and so do commands, which are pasted."""

from __future__ import annotations

import re
import textwrap

COMMAND = re.compile(r"\s*(k2to3|pip|eval|open it with:)(-\S+)? ")
COLUMN = re.compile(r"(?<=\S)\s{2,}(?=\S)")
STEP = 4


def folded(line: str, width: int) -> list[str]:
    """`line` in pieces no wider than `width`, but for words that are; what follows is indented."""
    if len(line) <= width:
        return [line]
    if COMMAND.match(line):
        return _beside(line, width)
    start = " " * (len(line) - len(line.lstrip()))
    return textwrap.wrap(
        line,
        width,
        subsequent_indent=start + " " * STEP,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )


def _beside(line: str, width: int) -> list[str]:
    """A command, and below it what was said beside it."""
    command, *said = COLUMN.split(line.strip(), maxsplit=1)
    start = " " * (len(line) - len(line.lstrip()))
    return [start + command, *(piece for text in said for piece in folded(start + " " * STEP + text, width))]
