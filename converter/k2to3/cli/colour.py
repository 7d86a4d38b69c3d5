"""Colour on a terminal, unless NO_COLOR asks for none; no meaning is in it that is not in the words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TextIO

GREEN, YELLOW, RED = "32", "33", "31"
BEGINNINGS = (
    (re.compile(r"  NOT PROVED "), RED),
    (re.compile(r"  blocks: "), RED),
    (re.compile(r"  (drift|rebuilt|renamed|dropped|accepted|warning|custom) "), YELLOW),
    (re.compile(r"  will change: "), YELLOW),
    (re.compile(r"  (weights|embedding|outputs|layers|training) "), GREEN),
)


def coloured(stream: TextIO | None, environment: Mapping[str, str]) -> bool:
    """Whether a stream shows colours, after https://no-color.org."""
    wanted = not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
    return wanted and stream is not None and stream.isatty()


def painted(line: str) -> str:
    """A line of a report with its label in colour."""
    for beginning, colour in BEGINNINGS:
        if found := beginning.match(line):
            return f"\x1b[{colour}m{found.group()}\x1b[0m{line[found.end() :]}"
    return line
