"""The command batch: printing of what goes on and of what came of it."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from k2to3.cli.options import said
from k2to3.cli.reports import write_report
from k2to3.errors import UsageError
from k2to3.migration.pages import cause_lines, counted, page_for
from k2to3.migration.run import Outcome, ledger_folder, run_batch
from k2to3.migration.status import status, tallied, tally
from k2to3.migration.summary import causes, counts, exit_code, gravest, summary, written_bytes
from k2to3.options.words import BatchOptions
from k2to3.report import terminal
from k2to3.report.pace import Pace
from k2to3.report.record import Report

SUMMARY = "the summary"


def batch(arguments: argparse.Namespace) -> int:
    """Convert many files, or say what was converted."""
    _announce(arguments)
    outcome = Outcome()
    if arguments.status:
        return _status(arguments, outcome)
    try:
        _run(arguments, outcome)
    except BaseException:
        converted = len(outcome.results) - sum(report.error is not None for report in outcome.problems)
        arguments.interrupted = f"interrupted; {converted} of {len(outcome.results)} were converted"
        if outcome.results:
            _emit(arguments, outcome)
        raise
    _emit(arguments, outcome)
    for text in outcome.unused:
        arguments.console.complain(text)
    return exit_code(outcome.results) or (UsageError.exit_code if outcome.unused else 0)


def _status(arguments: argparse.Namespace, outcome: Outcome) -> int:
    if arguments.json or arguments.json_lines or arguments.report or arguments.summary:
        outcome.results += status(ledger_folder(arguments.out, said(arguments, BatchOptions)))
        _emit(arguments, outcome)
        return exit_code(outcome.results)
    found = tally(ledger_folder(arguments.out, said(arguments, BatchOptions)))
    by_status, by_cause = tallied(found)
    arguments.console.say(counted(by_status), *cause_lines(by_cause))
    return gravest({each.exit_code for each in found})


def _announce(arguments: argparse.Namespace) -> None:
    for name in arguments.summary:
        page_for(Path(name))
        arguments.publisher.writes(Path(name), what=f"{SUMMARY} {name}")
        arguments.publisher.check_free(Path(name))


def _run(arguments: argparse.Namespace, outcome: Outcome) -> None:
    pace, live = Pace(), sys.stdout is not None and sys.stdout.isatty()

    def done(report: Report, count: int, total: int) -> None:
        pace.add(report.error is not None)
        if arguments.json_lines:
            arguments.console.say(json.dumps(report.to_json()))
        elif not (arguments.json or arguments.quiet):
            text = terminal.error_line(report) if report.error else f"{report.source}: {report.status}"
            arguments.console.say(f"[{count}/{total}] {text}" + (f"  ({pace.line(total - count)})" if live else ""))

    run_batch(
        outcome,
        arguments.sources,
        arguments.out,
        said(arguments, BatchOptions),
        publisher=arguments.publisher,
        done=done,
        told=arguments.console.complain,
    )


def _emit(arguments: argparse.Namespace, outcome: Outcome) -> None:
    skipped = outcome.skipped
    for name in arguments.summary:
        text = page_for(Path(name))(outcome.reports, skipped)
        arguments.publisher.write_text(Path(name), text, what=f"{SUMMARY} {name}")
    if arguments.report or arguments.json:
        found = summary(outcome.reports, skipped)
        write_report(arguments, found)
        if arguments.json:
            arguments.console.say_json(found)
    if not (arguments.json or arguments.json_lines):
        arguments.console.say(
            counted(counts(outcome.results), skipped),
            *_planned_bytes(outcome),
            *cause_lines(causes(outcome.problems)),
        )


def _planned_bytes(outcome: Outcome) -> list[str]:
    """What a dry run would write, for whoever has to find the room."""
    planned = [report for report in outcome.results if isinstance(report, Report) and report.status == "planned"]
    return [f"bytes that would be written: {sum(map(written_bytes, planned))}"] if planned else []
