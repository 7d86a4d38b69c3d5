"""The command diff."""

from __future__ import annotations

import argparse

from k2to3.api import diff as api
from k2to3.cli.options import said
from k2to3.errors import NotEqual
from k2to3.options.words import DiffOptions
from k2to3.report import differences


def diff(arguments: argparse.Namespace) -> int:
    """Compare two files tensor by tensor."""
    options: DiffOptions = said(arguments, DiffOptions)  # type: ignore[assignment]
    found = api.diff(arguments.source, arguments.target, **options)
    if arguments.json:
        arguments.console.say_json(found.to_json())
    elif not arguments.quiet:
        arguments.console.say(*differences.lines(found, everything=arguments.all))
    return 0 if found.equal else NotEqual.exit_code
