"""The command inspect."""

from __future__ import annotations

import argparse

from k2to3.api import inspect as api
from k2to3.cli.options import said
from k2to3.cli.reports import write_report
from k2to3.options.words import InspectOptions
from k2to3.report import inspection


def inspect(arguments: argparse.Namespace) -> int:
    """Say what is in a file."""
    options: InspectOptions = said(arguments, InspectOptions)  # type: ignore[assignment]
    found = api.inspect(arguments.source, **options)
    write_report(arguments, found.to_json())
    if arguments.json:
        arguments.console.say_json(found.to_json())
    elif not arguments.quiet:
        arguments.console.say(*inspection.lines(found, weights=arguments.weights))
    return 0 if found.convertible else 1
