"""The page for a pasted text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from k2to3.explain.entry import Entry
from k2to3.explain.table import entries

QUOTES = str.maketrans(dict.fromkeys('"`´‘’“”«»', "'"))
LONGEST = 1_000_000


def explain(text: str, pages: Sequence[Entry] | None = None) -> Entry | None:
    """What a message means; None where no page is about it.

    A traceback often shows several messages, each caused by the one before: the page that says
    most stands first in the table.
    """
    pasted = flat(text[-LONGEST:])
    return next(
        (entry for entry in pages or entries() if any(re.search(p, pasted, re.I) for p in entry.patterns)), None
    )


def flat(text: str) -> str:
    """In one line, with one kind of quotation mark."""
    return " ".join(unicodedata.normalize("NFKC", text).translate(QUOTES).split())


def nearest(text: str, count: int = 3) -> list[Entry]:
    """Pages whose headings have most words in common with a text that none is about."""
    wanted = _words(text)
    scored = [(len(wanted & _words(entry.heading)), entry) for entry in entries()]
    found = sorted((pair for pair in scored if pair[0] > 1), key=lambda pair: -pair[0])
    return [entry for _, entry in found[:count]]


def _words(text: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Za-z_]{4,}", text)}
