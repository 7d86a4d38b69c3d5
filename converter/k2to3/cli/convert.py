"""The command convert: the verb of the Python API, and the printing of what came of it."""

from __future__ import annotations

import argparse
from dataclasses import replace

from k2to3.api.convert import run_conversion
from k2to3.api.reading import read_options
from k2to3.cli.reported import progress_of, reported, said_of
from k2to3.options.words import ConvertOptions
from k2to3.report.options import asked
from k2to3.report.record import Report


def convert(arguments: argparse.Namespace) -> int:
    """Convert one checkpoint."""
    given = said_of(arguments, ConvertOptions)
    report = Report(arguments.source, arguments.target, options=asked(given, ConvertOptions))

    def work() -> None:
        options = read_options(given, ConvertOptions)
        with progress_of(arguments) as (progress, phase):
            run_conversion(report, replace(options, progress=progress, phase=phase), arguments.publisher)

    return reported(arguments, report, work)
