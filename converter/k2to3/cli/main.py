"""The command line: the verbs of the Python API, nothing more."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from k2to3.boundary import VARIABLE, boundary
from k2to3.cli.console import Console
from k2to3.cli.options import own, own_options
from k2to3.custom.session import customised
from k2to3.errors import K2to3Error, NotEqual
from k2to3.limits import read_limits
from k2to3.printable import printable
from k2to3.publish.inputs import inputs_of
from k2to3.publish.writer import REPORT, Writer
from k2to3.stopping import stoppable
from k2to3.version import __version__

EPILOG = """\
examples:
  k2to3 convert old.h5 new.keras                convert and prove it
  k2to3 convert old.h5 new.keras --verify none  convert only; needs no Keras
  k2to3 convert weights.h5 new.keras --architecture model.json
  k2to3 convert weights.h5 new.keras --architecture mine.py:build_model
  k2to3 inspect old.h5                          who wrote it, what will change, what blocks
  k2to3 convert old.h5 new.safetensors          the weights alone, under their Keras 3 paths
  k2to3 verify old.h5 new.keras                 prove an archive again
  k2to3 diff old.h5 new.safetensors             compare two files tensor by tensor
  k2to3 batch models/ --out converted/ --jobs 2

exit codes:
  0  converted and proved, equal  4  unsafe file
  1  refused: cannot be exact     5  not equal: the proof failed, or diff found a difference
  2  wrong usage                  6  file missing, unreadable, exists, disk full
  3  nothing to do: already Keras 3     7  the proof could not be run
  70  a fault of k2to3            130  interrupted (143: by SIGTERM, 129: by SIGHUP)
"""


class Parser(argparse.ArgumentParser):
    """Arguments may be names of files, which are never printed raw."""

    def error(self, message: str) -> NoReturn:
        super().error(printable(message))


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    console = Console()
    try:
        arguments = parser().parse_args(argv)
    except SystemExit as asked:
        raise SystemExit(console.finish(int(asked.code or 0))) from None
    if arguments.verbose:
        os.environ[VARIABLE] = "1"
    arguments.console, arguments.writer = console, Writer(overwrite=getattr(arguments, "overwrite", False))
    with stoppable() as stop:
        try:
            code = _run(arguments)
        except KeyboardInterrupt:
            code = stop.exit_code
        if stop.number:
            # A library may have taken the interruption for an error of its own.
            code = stop.exit_code
        if code == stop.exit_code:
            console.complain(getattr(arguments, "interrupted", None) or _interrupted(arguments.writer))
    return console.finish(code)


def _run(arguments: argparse.Namespace) -> int:
    source = getattr(arguments, "source", None)
    try:
        with boundary(source):
            _announce(arguments)
            with customised(**own(arguments)):
                return int(arguments.run(arguments))
    except K2to3Error as error:
        error.file = error.file or source
        arguments.console.complain(str(error))
        return error.exit_code


def _announce(arguments: argparse.Namespace) -> None:
    """Every file that the options name, before any work."""
    given = {key: getattr(arguments, key, None) for key in ("source", "reference")}
    if getattr(arguments, "run", None) is _verify:
        given["target"] = arguments.target
    arguments.writer.reads(
        *inputs_of(*given.values(), architecture=getattr(arguments, "architecture", None), **own(arguments))
    )
    if getattr(arguments, "report", None):
        report = Path(arguments.report)
        arguments.writer.writes(report, what=REPORT)
        arguments.writer.check_free(report)


def _interrupted(writer: Writer) -> str:
    written = ", ".join(map(str, writer.finished()))
    return f"interrupted; {f'written: {written}' if written else 'nothing was written'}"


def parser() -> argparse.ArgumentParser:
    """The whole grammar."""
    top = Parser(
        prog="k2to3",
        description="Convert Keras 2 HDF5 checkpoints to Keras 3 and prove that they compute the same.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"k2to3 {__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    _convert_parser(commands)
    _inspect_parser(commands)
    _verify_parser(commands)
    _batch_parser(commands)
    _diff_parser(commands)
    _rules_parser(commands)
    return top


def _command(commands: Any, name: str, text: str, run: Callable[[argparse.Namespace], int]) -> Any:
    found = commands.add_parser(
        name, help=text, description=text, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    found.set_defaults(run=run)
    found.add_argument("-v", "--verbose", action="store_true", help="print where a fault of k2to3 was")
    return found


def _proof_options(found: Any) -> None:
    found.add_argument("--token-ids", default="", metavar="N,N,…", help="token IDs to try in every Embedding as well")
    found.add_argument("--tolerance", type=float, metavar="X", help="largest relative error (default 1e-5)")
    found.add_argument("--seed", type=int, default=0, help="seed of all sampling (default 0)")
    found.add_argument(
        "--judge",
        choices=("both", "specification", "tf-keras"),
        default="both",
        help="who says what Keras 2 computes: our specification of the author's Keras, tf-keras, or both (default)",
    )
    found.add_argument("--reference", metavar="NPZ", help="inputs in0… and outputs out0… recorded in the old Keras")


def _level(found: Any) -> None:
    found.add_argument(
        "--verify",
        choices=("none", "weights", "embedding", "outputs", "training"),
        default="outputs",
        help="how far to prove (default outputs)",
    )


def _compile(found: Any) -> None:
    found.add_argument(
        "--no-compile",
        dest="compile",
        action="store_false",
        help="leave the optimizer, losses and metrics out",
    )


def _common(found: Any) -> None:
    found.add_argument(
        "--architecture",
        metavar="MODEL",
        help="for weights-only files: model.json, model.yaml, or file.py:function, your own code that builds the model",
    )
    found.add_argument("--json", action="store_true", help="print the report as JSON")
    own_options(found)


def _min_keras(found: Any) -> None:
    found.add_argument("--min-keras", metavar="3.N", help="write a form that this Keras 3 opens too, or refuse")


def _convert_parser(commands: Any) -> None:
    found = _command(commands, "convert", "Convert one checkpoint and prove it.", _convert)
    found.add_argument("source", help="the Keras 2 .h5 file (never touched)")
    found.add_argument("target", nargs="?", help="new.keras, new.safetensors or new.weights.h5")
    _level(found)
    found.add_argument("--dry-run", action="store_true", help="plan and print, write nothing")
    found.add_argument("--overwrite", action="store_true", help="replace an existing target, report included")
    found.add_argument("--shard-size", default="5GB", metavar="SIZE", help="largest .safetensors file (default 5GB)")
    _compile(found)
    found.add_argument("--report", metavar="FILE", help="write the report as JSON")
    _min_keras(found)
    _proof_options(found)
    _common(found)


def _inspect_parser(commands: Any) -> None:
    found = _command(commands, "inspect", "Say what is in a file, what will change and what blocks.", _inspect)
    found.add_argument("source", help="any file or folder")
    found.add_argument("--weights", action="store_true", help="list every weight")
    _common(found)


def _verify_parser(commands: Any) -> None:
    found = _command(commands, "verify", "Prove an archive against the checkpoint it came from.", _verify)
    found.add_argument("source", help="the Keras 2 .h5 file")
    found.add_argument("target", help="the .keras, .safetensors or .weights.h5 file")
    _level(found)
    found.add_argument("--overwrite", action="store_true", help="replace an existing report")
    found.add_argument("--report", metavar="FILE", help="write the report as JSON")
    _min_keras(found)
    _proof_options(found)
    _common(found)


def _batch_parser(commands: Any) -> None:
    found = _command(commands, "batch", "Convert every checkpoint below a folder.", _batch)
    found.add_argument("source", help="the folder")
    found.add_argument("--out", required=True, metavar="DIR", help="where the same tree is written")
    found.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: all cores)")
    _level(found)
    _min_keras(found)
    _compile(found)
    found.add_argument("--overwrite", action="store_true", help="replace existing targets, report included")
    found.add_argument("--keep-suffix", action="store_true", help="m.h5 becomes m.h5.keras, which m.hdf5 does not")
    found.add_argument("--report", metavar="FILE", help="write all reports as JSON")
    found.add_argument("--json", action="store_true", help="print all reports as JSON")
    own_options(found)


def _diff_parser(commands: Any) -> None:
    found = _command(
        commands,
        "diff",
        "Compare two files tensor by tensor: Keras 2 files, .keras, .safetensors or .weights.h5. "
        "A Keras 2 file is read as the variables it becomes where the other is of Keras 3.",
        _diff,
    )
    found.add_argument("source", metavar="A", help="one file")
    found.add_argument("target", metavar="B", help="the other file")
    found.add_argument(
        "--tolerance", type=float, default=0.0, metavar="X", help="largest difference that counts as equal"
    )
    found.add_argument("--all", action="store_true", help="list equal tensors too")
    _common(found)


def _rules_parser(commands: Any) -> None:
    found = _command(commands, "rules", "List every rule with what Keras changed.", _rules)
    found.add_argument("--json", action="store_true", help="print as JSON")


def _convert(arguments: argparse.Namespace) -> int:
    from k2to3.api.convert import run_conversion
    from k2to3.archive.forms import parse_size
    from k2to3.report.progress import progress_bar
    from k2to3.report.record import Report

    report = Report(source=arguments.source, target=arguments.target)
    options = _options(arguments)
    try:
        with progress_bar(arguments.source, quiet=arguments.json) as progress:
            run_conversion(
                report,
                verify=arguments.verify,
                architecture=arguments.architecture,
                writer=arguments.writer,
                dry_run=arguments.dry_run,
                options=options,
                min_keras=arguments.min_keras,
                compile=arguments.compile,
                shard_size=parse_size(arguments.shard_size),
                limits=read_limits(arguments.limits),
                progress=progress,
            )
    except K2to3Error:
        _emit(arguments, report)
        raise
    _emit(arguments, report)
    return report.exit_code


def _options(arguments: argparse.Namespace) -> Any:
    from k2to3.errors import UsageError
    from k2to3.proof.outputs import Options

    try:
        ids = tuple(int(part) for part in arguments.token_ids.split(",") if part.strip())
    except ValueError as error:
        raise UsageError(f"--token-ids {arguments.token_ids!r} is not a list of whole numbers") from error
    reference = Path(arguments.reference) if arguments.reference else None
    return Options(arguments.verify, arguments.tolerance, ids, arguments.seed, reference, arguments.judge)


def _emit(arguments: argparse.Namespace, report: Any) -> None:
    _write_report(arguments, report.to_json())
    if arguments.json:
        arguments.console.say_json(report.to_json())
    elif report.error is None:
        from k2to3.report.terminal import lines

        arguments.console.say(*lines(report))


def _write_report(arguments: argparse.Namespace, found: Any) -> None:
    if arguments.report and not arguments.writer.contested(Path(arguments.report)):
        text = json.dumps(found, indent=2) + "\n"
        arguments.writer.write_text(Path(arguments.report), text, what=REPORT)


def _verify(arguments: argparse.Namespace) -> int:
    from k2to3.api.convert import run_verification
    from k2to3.report.record import Report

    report = Report(source=arguments.source, target=arguments.target)
    try:
        run_verification(
            report,
            Path(arguments.target),
            architecture=arguments.architecture,
            options=_options(arguments),
            min_keras=arguments.min_keras,
            limits=read_limits(arguments.limits),
        )
    except K2to3Error:
        _emit(arguments, report)
        raise
    _emit(arguments, report)
    return report.exit_code


def _inspect(arguments: argparse.Namespace) -> int:
    from k2to3.api.inspect import inspect
    from k2to3.report.inspection import lines

    found = inspect(arguments.source, architecture=arguments.architecture, limits=arguments.limits)
    if arguments.json:
        arguments.console.say_json(found.to_json())
    else:
        arguments.console.say(*lines(found, weights=arguments.weights))
    return 0 if found.convertible else 1


def _batch(arguments: argparse.Namespace) -> int:
    from k2to3.batch.run import exit_code, run_batch
    from k2to3.report.terminal import error_line

    def done(report: Any, count: int, total: int) -> None:
        if not arguments.json:
            text = error_line(report) if report.error else f"{report.source}: {report.status}"
            arguments.console.say(f"[{count}/{total}] {text}")

    reports: list[Any] = []
    try:
        run_batch(
            reports,
            Path(arguments.source),
            Path(arguments.out),
            writer=arguments.writer,
            jobs=arguments.jobs,
            keep_suffix=arguments.keep_suffix,
            done=done,
            options={
                "verify": arguments.verify,
                "min_keras": arguments.min_keras,
                "compile": arguments.compile,
                "limits": arguments.limits,
                **own(arguments),
            },
        )
    except BaseException:
        converted = sum(report.error is None for report in reports)
        arguments.interrupted = f"interrupted; {converted} of {len(reports)} were converted"
        if reports:
            _emit_batch(arguments, reports)
        raise
    _emit_batch(arguments, reports)
    return exit_code(reports)


def _emit_batch(arguments: argparse.Namespace, reports: list[Any]) -> None:
    from k2to3.batch.run import summary

    found = summary(reports)
    _write_report(arguments, found)
    if arguments.json:
        arguments.console.say_json(found)
    else:
        counts = (f"{status}: {count}" for status, count in sorted(found["counts"].items()))
        arguments.console.say("  ".join(counts) or "no checkpoints")


def _diff(arguments: argparse.Namespace) -> int:
    from k2to3.api.diff import diff
    from k2to3.report.differences import lines

    found = diff(
        arguments.source,
        arguments.target,
        tolerance=arguments.tolerance,
        architecture=arguments.architecture,
        limits=arguments.limits,
    )
    if arguments.json:
        arguments.console.say_json(found.to_json())
    else:
        arguments.console.say(*lines(found, everything=arguments.all))
    return 0 if found.equal else NotEqual.exit_code


def _rules(arguments: argparse.Namespace) -> int:
    from k2to3.rules.listing import listed

    rows = listed()
    if arguments.json:
        arguments.console.say_json(rows)
    else:
        for row in rows:
            arguments.console.say(", ".join(row["classes"]), f"    {row['text']}")
    return 0
