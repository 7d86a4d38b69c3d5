"""The command explain."""

from __future__ import annotations

import argparse
import sys

from k2to3.explain.find import explain as explained
from k2to3.explain.find import nearest
from k2to3.report import explanation


def explain(arguments: argparse.Namespace) -> int:
    """Say what a message means."""
    text = sys.stdin.read() if arguments.text in ([], ["-"]) else " ".join(arguments.text)
    found = explained(text)
    if arguments.json:
        arguments.console.say_json(explanation.record(text, found))
    else:
        arguments.console.say(*explanation.lines(found, nearest(text)))
    return 0 if found is not None else 1
