"""The process of a batch that converts one file after the other."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from k2to3.api.convert import run_conversion
from k2to3.api.reading import read_options
from k2to3.batch.find import Pair
from k2to3.boundary import recorded
from k2to3.errors import K2to3Error
from k2to3.isolation.calls import Workers
from k2to3.isolation.orphans import die_with_parent
from k2to3.isolation.warm import warm_workers
from k2to3.options.words import ConvertOptions
from k2to3.publish.inputs import inputs_of
from k2to3.publish.publisher import Publisher
from k2to3.report.record import Report
from k2to3.sources.bare import read_bare
from k2to3.stopping import Stopped, stoppable

ARCHITECTURES = (".arch.json", ".json", ".arch.yaml", ".yaml", ".yml")


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


def possible_architecture(source: Path) -> Path | None:
    """The file beside a checkpoint that may be its architecture."""
    stem = str(source.with_suffix("")).removesuffix(".weights").removesuffix(".ckpt")
    return next((Path(stem + suffix) for suffix in ARCHITECTURES if os.path.exists(stem + suffix)), None)


def architecture_beside(source: Path) -> Path | None:
    """The same, where the checkpoint has none of its own."""
    beside = possible_architecture(source)
    try:
        return beside if beside is not None and read_bare(source) is not None else None
    except K2to3Error:
        # The conversion will say what is wrong with it.
        return None
