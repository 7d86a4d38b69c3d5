"""What convert and verify have in common: progress while they work, and a report however it ends."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from k2to3.cli.options import said
from k2to3.cli.reports import write_report
from k2to3.errors import K2to3Error
from k2to3.report import terminal
from k2to3.report.progress import shown_progress
from k2to3.report.record import Report


def progress_of(arguments: argparse.Namespace) -> Any:
    """What tells of the work while it goes on."""
    quiet = arguments.json or arguments.quiet
    return shown_progress(arguments.source, quiet=quiet, lines=arguments.verbose)


def said_of(arguments: argparse.Namespace, verb: Any) -> dict[str, Any]:
    """A written report tells what the values look like."""
    given = said(arguments, verb)
    return {**given, "statistics": given["statistics"] or bool(arguments.report)}


def reported(arguments: argparse.Namespace, report: Report, work: Callable[[], None]) -> int:
    """Do the work, and emit the report however it ends."""
    try:
        work()
    except K2to3Error as error:
        if report.error is None:
            report.fail(error)
        _emit(arguments, report)
        raise
    _emit(arguments, report)
    return report.exit_code


def _emit(arguments: argparse.Namespace, report: Report) -> None:
    if arguments.report:
        write_report(arguments, report.to_json())
    if arguments.json:
        arguments.console.say_json(report.to_json())
    elif report.error is None and not arguments.quiet:
        arguments.console.say(*terminal.lines(report))
