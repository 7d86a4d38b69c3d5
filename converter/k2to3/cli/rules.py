"""The command rules."""

from __future__ import annotations

import argparse

from k2to3.rules.listing import listed


def rules(arguments: argparse.Namespace) -> int:
    """List every rule."""
    rows = listed()
    if arguments.json:
        arguments.console.say_json({"schema": "k2to3-rules-1", "rules": rows})
    else:
        for row in rows:
            arguments.console.say(", ".join(row["classes"]), f"    {row['text']}")
    return 0
