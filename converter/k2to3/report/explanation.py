"""The page of a message for people, and as a record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from k2to3.explain.entry import Entry

PAGES = "docs/errors.md has all pages"


def lines(found: Entry | None, near: Sequence[Entry]) -> Iterator[str]:
    """What the message means, what Keras changed, and the commands."""
    if found is None:
        yield "no page is about this message; k2to3 inspect FILE says what is in a file"
        yield from (f"    near: {entry.heading}" for entry in near)
        yield PAGES
        return
    yield found.heading
    yield f"  {found.meaning}"
    yield f"  what Keras changed: {found.changed}"
    yield from (f"    {command}" for command in found.commands)


def record(text: str, found: Entry | None) -> dict[str, Any]:
    """The answer as JSON, after `schemas/explain.schema.json`."""
    page = None if found is None else {key: value for key, value in asdict(found).items() if key != "patterns"}
    return {"schema": "k2to3-explain-1", "text": text, "page": page}
