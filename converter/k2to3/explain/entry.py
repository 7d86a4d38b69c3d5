"""One message, as people paste it into a search box."""

from __future__ import annotations

from k2to3.dataclass import dataclass

CONVERT = "k2to3 convert old.h5 new.keras"


@dataclass(frozen=True)
class Entry:
    """A page.

    `patterns` are regular expressions over the pasted text, in which all white space is one space
    and all quotation marks are `'`; case does not matter. `commands` may be pasted into a shell.
    """

    name: str
    heading: str
    patterns: tuple[str, ...]
    meaning: str
    changed: str
    commands: tuple[str, ...] = (CONVERT,)
