"""All pages, as `pages.toml` has them."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any

from k2to3.explain.entry import CONVERT, Entry


def entries() -> list[Entry]:
    """Every page; of two that fit a text, the one that says more stands first."""
    text = files("k2to3.explain").joinpath("pages.toml").read_text(encoding="utf-8")
    return [_entry(row) for row in tomllib.loads(text)["page"]]


def _entry(row: dict[str, Any]) -> Entry:
    heading, meaning, changed = (" ".join(row[name].split()) for name in ("heading", "meaning", "changed"))
    commands = tuple(row.get("commands", [CONVERT]))
    return Entry(row["name"], heading, tuple(row["patterns"]), meaning, changed, commands)
