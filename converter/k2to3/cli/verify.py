"""The command verify."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from k2to3.api.reading import read_options
from k2to3.api.verify import run_verification
from k2to3.cli.reported import progress_of, reported, said_of
from k2to3.options.words import VerifyOptions
from k2to3.report.options import asked
from k2to3.report.record import Report


def verify(arguments: argparse.Namespace) -> int:
    """Prove an archive."""
    given = said_of(arguments, VerifyOptions)
    report = Report(arguments.source, arguments.target, verb="verify", options=asked(given, VerifyOptions))

    def work() -> None:
        options = read_options(given, VerifyOptions)
        with progress_of(arguments) as (_, phase):
            run_verification(report, Path(arguments.target), replace(options, phase=phase))

    return reported(arguments, report, work)
