"""The command line: the verbs of the Python API, nothing more."""

from __future__ import annotations

import argparse
import gc
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from k2to3.boundary import VARIABLE, boundary
from k2to3.cli.blas import one_blas_thread
from k2to3.cli.console import Console
from k2to3.cli.parser import parser
from k2to3.cli.verbs import VERBS
from k2to3.errors import K2to3Error, UsageError
from k2to3.publish.inputs import inputs_of
from k2to3.publish.publisher import REPORT, Publisher
from k2to3.report.endings import renderer
from k2to3.report.failure import error_record
from k2to3.stopping import stoppable

FILES = ("architecture", "custom_objects", "reference", "rules", "vocabularies")


def program() -> int:
    """The console script, in a process of its own, which ends here where it can."""
    # The objects of a plan live until it is written. To look for garbage after every 700 of them takes a sixth of the
    # time for 10,000 layers.
    gc.set_threshold(100_000, 20, 100)
    code = main()
    if _nothing_left():
        os._exit(code)
    gc.freeze()
    return code


def _nothing_left() -> bool:
    """Whether all was written and closed: then to take every module apart takes as long as to read a small model.

    Processes of our own, threads and whoever measures this one want to be told of the end.
    """
    watched = sys.gettrace() is not None or sys.getprofile() is not None
    return not watched and threading.active_count() == 1 and "multiprocessing" not in sys.modules


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    console = Console()
    words = sys.argv[1:] if argv is None else argv
    try:
        arguments = parser(VERBS, next(iter(words), None)).parse_args(words)
    except SystemExit as asked:
        if asked.code == UsageError.exit_code and "--json" in words:
            console.say_json(error_record(UsageError("the command line is not understood", hint="k2to3 --help")))
        raise SystemExit(console.finish(int(asked.code or 0))) from None
    if arguments.verbose:
        os.environ[VARIABLE] = "1"
    arguments.console, arguments.publisher = console, Publisher(overwrite=getattr(arguments, "overwrite", False))
    with stoppable() as stop:
        try:
            code = _run(arguments)
        except KeyboardInterrupt:
            code = stop.exit_code
        if stop.number:
            # A library may have taken the interruption for an error of its own.
            code = stop.exit_code
        if code == stop.exit_code:
            console.complain(getattr(arguments, "interrupted", None) or _interrupted(arguments.publisher))
    return console.finish(code)


def _run(arguments: argparse.Namespace) -> int:
    source = getattr(arguments, "source", None)
    try:
        with boundary(source):
            _announce(arguments)
            with one_blas_thread():
                run = arguments.fetch()
            return int(run(arguments))
    except K2to3Error as error:
        error.file = error.file or source
        if arguments.json and not arguments.console.recorded:
            arguments.console.say_json(error_record(error))
        arguments.console.complain(error.told())
        return error.exit_code


def _announce(arguments: argparse.Namespace) -> None:
    """Every file that the options name, before any work."""
    given = [getattr(arguments, "source", None)]
    if arguments.verb == "verify":
        given.append(arguments.target)
    named = {key: value for key in FILES if (value := getattr(arguments, key, None)) is not None}
    arguments.publisher.reads(*inputs_of(*given, **named))
    if getattr(arguments, "report", None):
        report = Path(arguments.report)
        arguments.publisher.writes(report, what=REPORT)
        arguments.publisher.check_free(report)
        if arguments.verb == "batch" and report.suffix.lower() != ".json":
            raise UsageError("the report of a batch is a record", file=str(report), hint="end its name in .json")
        renderer(report)


def _interrupted(publisher: Publisher) -> str:
    written = ", ".join(map(str, publisher.finished()))
    return f"interrupted; {f'written: {written}' if written else 'nothing was written'}"
