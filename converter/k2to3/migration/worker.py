"""The process of a batch that converts one file after the other."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any

from k2to3.api.convert import run_conversion
from k2to3.api.reading import read_options
from k2to3.boundary import recorded
from k2to3.errors import K2to3Error
from k2to3.isolation.calls import Workers
from k2to3.isolation.orphans import die_with_parent
from k2to3.isolation.warm import warm_workers
from k2to3.migration.beside import architecture_beside
from k2to3.migration.find import Pair
from k2to3.migration.remote import brought, check_free, put
from k2to3.options.words import ConvertOptions
from k2to3.publish.inputs import inputs_of
from k2to3.publish.publisher import Publisher
from k2to3.report.record import Report
from k2to3.stopping import Stopped, stoppable

UNGUARDED = 93
"""Exit code of a process whose script, running anew, came to a batch of its own."""


def check_guarded() -> None:
    """End this process where it is one that a batch is starting: Python runs the caller's script in it first."""
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        os._exit(UNGUARDED)


def serve(jobs: Connection, lifeline: Connection, options: dict[str, Any]) -> None:
    """Answer every pair with a report, until there are no more."""
    die_with_parent(lifeline)
    # Ctrl-C reaches every process of the terminal; what is to be done about it is told by SIGTERM.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(EOFError, BrokenPipeError), stoppable() as stop, warm_workers() as workers:
        with contextlib.suppress(Stopped):
            while not stop.number and (pair := jobs.recv()) is not None:
                report = convert_one(pair, options, workers)
                # A library may have taken the interruption for an error of its own.
                if not stop.number or report.error is None:
                    jobs.send(report)
        if stop.number:
            sys.exit(stop.exit_code)


def convert_one(pair: Pair, options: dict[str, Any], workers: Workers) -> Report:
    """One conversion whose failure is part of the report."""
    return (_convert_here if pair.remote is None else _convert_there)(pair, options, workers)


def _convert_there(pair: Pair, options: dict[str, Any], workers: Workers) -> Report:
    """What lies behind a URL comes and goes one file at a time."""
    assert pair.remote is not None
    report, said = Report(source=pair.source_name, target=pair.target_name), {**options, **pair.given}
    url = None if said.get("dry_run") else pair.remote.target
    try:
        with recorded(report):
            if url is not None:
                check_free(url, overwrite=bool(said.get("overwrite")))
            with brought(pair) as here:
                found = _convert_here(here, options, workers)
                _named(found, pair, here)
                if url is not None and found.error is None:
                    put(here.target, url)
                return found
    except K2to3Error:
        return report


def _named(report: Report, pair: Pair, here: Pair) -> None:
    """The report in the names that the user knows."""
    report.source, report.target = pair.source_name, pair.target_name
    names = {str(here.source): report.source, str(here.target): report.target}
    if report.error is not None:
        report.error["file"] = names.get(report.error.get("file") or "", report.error.get("file"))


def _convert_here(pair: Pair, options: dict[str, Any], workers: Workers) -> Report:
    report = Report(source=str(pair.source), target=str(pair.target))
    try:
        with recorded(report):
            architecture = architecture_beside(pair.source)
            given = {} if architecture is None else {"architecture": architecture}
            said = {**given, **options, **pair.given}
            if not said.get("dry_run"):
                pair.target.parent.mkdir(parents=True, exist_ok=True)
            read = replace(read_options(said, ConvertOptions), sole=False, workers=workers)
            publisher = Publisher(inputs_of(pair.source, **said), overwrite=read.overwrite)
            run_conversion(report, read, publisher)
            return report
    except K2to3Error:
        return report
