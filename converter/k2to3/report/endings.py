"""The forms of a written report, by the ending of its name."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from k2to3.errors import UsageError

Render = Callable[[Mapping[str, Any]], str]


def as_json(record: Mapping[str, Any]) -> str:
    """The record as it is, after its schema."""
    return json.dumps(record, indent=2) + "\n"


def as_markdown(record: Mapping[str, Any]) -> str:
    """A comment."""
    from k2to3.report.markdown import markdown

    return markdown(record)


def as_page(record: Mapping[str, Any]) -> str:
    """A page with the graph."""
    from k2to3.report.page.page import page

    return page(record)


ENDINGS: Mapping[str, Render] = {".json": as_json, ".md": as_markdown, ".html": as_page}


def renderer(path: Path) -> Render:
    """How a report of that name is written.

    Raises:
        UsageError: its ending says nothing.
    """
    found = ENDINGS.get(path.suffix.lower())
    if found is None:
        raise UsageError(
            "a report is a page, a comment or a record", file=str(path), hint=f"end its name in {', '.join(ENDINGS)}"
        )
    return found
