"""What each command does: a verb of the Python API, and the printing of what came of it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from k2to3.api.convert import run_conversion
from k2to3.api.diff import diff
from k2to3.api.inspect import inspect
from k2to3.api.reading import read_options
from k2to3.api.verify import run_verification
from k2to3.cli.batch import batch
from k2to3.cli.completion import SHELLS, commands
from k2to3.cli.options import said
from k2to3.cli.parser import parser
from k2to3.cli.reports import write_report
from k2to3.errors import K2to3Error, NotEqual
from k2to3.explain.find import explain, nearest
from k2to3.options.words import ConvertOptions, DiffOptions, InspectOptions, VerifyOptions
from k2to3.report import differences, explanation, inspection, terminal
from k2to3.report.options import asked
from k2to3.report.progress import shown_progress
from k2to3.report.record import Report
from k2to3.rules.listing import listed


def _convert(arguments: argparse.Namespace) -> int:
    given = _said(arguments, ConvertOptions)
    report = Report(arguments.source, arguments.target, options=asked(given, ConvertOptions))

    def work() -> None:
        options = read_options(given, ConvertOptions)
        with _progress(arguments) as (progress, phase):
            run_conversion(report, replace(options, progress=progress, phase=phase), arguments.publisher)

    return _reported(arguments, report, work)


def _verify(arguments: argparse.Namespace) -> int:
    given = _said(arguments, VerifyOptions)
    report = Report(arguments.source, arguments.target, verb="verify", options=asked(given, VerifyOptions))

    def work() -> None:
        options = read_options(given, VerifyOptions)
        with _progress(arguments) as (_, phase):
            run_verification(report, Path(arguments.target), replace(options, phase=phase))

    return _reported(arguments, report, work)


def _progress(arguments: argparse.Namespace) -> Any:
    quiet = arguments.json or arguments.quiet
    return shown_progress(arguments.source, quiet=quiet, lines=arguments.verbose)


def _said(arguments: argparse.Namespace, verb: Any) -> dict[str, Any]:
    """A written report tells what the values look like."""
    given = said(arguments, verb)
    return {**given, "statistics": given["statistics"] or bool(arguments.report)}


def _reported(arguments: argparse.Namespace, report: Report, work: Callable[[], None]) -> int:
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
    write_report(arguments, report.to_json())
    if arguments.json:
        arguments.console.say_json(report.to_json())
    elif report.error is None and not arguments.quiet:
        arguments.console.say(*terminal.lines(report))


def _inspect(arguments: argparse.Namespace) -> int:
    options: InspectOptions = said(arguments, InspectOptions)  # type: ignore[assignment]
    found = inspect(arguments.source, **options)
    write_report(arguments, found.to_json())
    if arguments.json:
        arguments.console.say_json(found.to_json())
    elif not arguments.quiet:
        arguments.console.say(*inspection.lines(found, weights=arguments.weights))
    return 0 if found.convertible else 1


def _diff(arguments: argparse.Namespace) -> int:
    options: DiffOptions = said(arguments, DiffOptions)  # type: ignore[assignment]
    found = diff(arguments.source, arguments.target, **options)
    if arguments.json:
        arguments.console.say_json(found.to_json())
    elif not arguments.quiet:
        arguments.console.say(*differences.lines(found, everything=arguments.all))
    return 0 if found.equal else NotEqual.exit_code


def _rules(arguments: argparse.Namespace) -> int:
    rows = listed()
    if arguments.json:
        arguments.console.say_json({"schema": "k2to3-rules-1", "rules": rows})
    else:
        for row in rows:
            arguments.console.say(", ".join(row["classes"]), f"    {row['text']}")
    return 0


def _explain(arguments: argparse.Namespace) -> int:
    text = sys.stdin.read() if arguments.text in ([], ["-"]) else " ".join(arguments.text)
    found = explain(text)
    if arguments.json:
        arguments.console.say_json(explanation.record(text, found))
    else:
        arguments.console.say(*explanation.lines(found, nearest(text)))
    return 0 if found is not None else 1


def _completion(arguments: argparse.Namespace) -> int:
    print(SHELLS[arguments.shell](commands(parser(VERBS))), end="")
    return 0


VERBS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "convert": _convert,
    "inspect": _inspect,
    "verify": _verify,
    "batch": batch,
    "diff": _diff,
    "rules": _rules,
    "explain": _explain,
    "completion": _completion,
}
