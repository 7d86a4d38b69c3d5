"""Convert a folder: several processes, the tree kept, one bad file never stops the run."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Unpack

from k2to3.api.reading import read_options
from k2to3.api.used import unused
from k2to3.batch.find import Pair, find_pairs
from k2to3.batch.pool import convert_all
from k2to3.boundary import boundary
from k2to3.errors import FileError, Interrupted, K2to3Error, UsageError
from k2to3.options.words import BatchOptions
from k2to3.publish.identity import inode
from k2to3.publish.inputs import inputs_of, special
from k2to3.publish.publisher import Publisher
from k2to3.report.record import Report

Done = Callable[[Report, int, int], None]
# The gravest first.
GRAVITY = (130, 70, 4, 5, 1, 6, 2, 8, 3)


def batch(
    folder: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    done: Done | None = None,
    **options: Unpack[BatchOptions],
) -> list[Report]:
    """Convert every checkpoint below `folder` into the same tree below `out`.

    `options`: see `k2to3.options.words.BatchOptions`; `done` gets each report with its number and the number of all.
    A `x.json`, `x.arch.json` or `x.yaml` beside a weights-only
    `x.h5` or `x.weights.h5` is taken as its architecture. Failures are reports, never exceptions.

    Raises:
        FileError: `folder` is not a folder.
        UsageError: a file would be written twice, or is a checkpoint of the folder.
    """
    reports: list[Report] = []
    said: dict[str, Any] = dict(options)
    publisher = Publisher(inputs_of(**said), overwrite=bool(said.get("overwrite")))
    with boundary(os.fspath(folder)):
        for text in run_batch(reports, Path(folder), Path(out), said, publisher=publisher, done=done):
            warnings.warn(text, stacklevel=2)
    return reports


def run_batch(
    reports: list[Report],
    folder: Path,
    out: Path,
    said: Mapping[str, Any],
    *,
    publisher: Publisher,
    done: Done | None,
) -> list[str]:
    """As `batch`, filling in `reports` for every file, also where the run is interrupted.

    Returns a line for every option that names a part which no model has, where all were planned.
    """
    options = read_options(said, BatchOptions)
    each = {key: value for key, value in said.items() if key not in ("jobs", "keep_suffix")}
    problems: list[OSError] = []
    pairs = find_pairs(folder, out, keep_suffix=bool(said.get("keep_suffix")), problem=problems.append)
    _announce(pairs, publisher)
    found: dict[Pair, Report] = {}

    def note(pair: Pair, report: Report) -> None:
        found[pair] = report
        if done is not None:
            done(report, len(found), len(pairs))

    before = {pair: inode(pair.target) for pair in pairs}
    try:
        for pair in pairs:
            if (kind := special(pair.source)) is not None:
                note(pair, _failed(pair, FileError(f"is {kind}, not a regular file")))
        sound = [pair for pair in pairs if pair not in found]
        convert_all(sound, said.get("jobs") or os.cpu_count() or 1, {**each, "overwrite": publisher.overwrite}, note)
    finally:
        reports += [found.get(pair) or _interrupted(pair, before[pair] != inode(pair.target)) for pair in pairs]
        reports += [_unreadable(error) for error in problems]
    if any(report.error for report in reports):
        return []
    return unused(options.model, {item for report in reports for item in report.used}, "the files have")


def _announce(pairs: list[Pair], publisher: Publisher) -> None:
    publisher.reads(*(pair.source for pair in pairs))
    try:
        for pair in pairs:
            publisher.writes(pair.target, what=f"what becomes of {pair.source}")
    except UsageError as error:
        error.hint = "choose another folder to write to, or name them apart with --keep-suffix"
        raise


def _failed(pair: Pair, error: K2to3Error) -> Report:
    report = Report(source=str(pair.source), target=str(pair.target))
    report.fail(error)
    return report


def _interrupted(pair: Pair, written: bool) -> Report:
    text = f"the run was interrupted; {pair.target} was written" if written else "the run was interrupted before"
    return _failed(pair, Interrupted(text))


def _unreadable(error: OSError) -> Report:
    report = Report(source=os.fsdecode(error.filename or ""))
    report.fail(FileError(f"the folder cannot be read: {error.strerror}"))
    return report


def exit_code(reports: list[Report]) -> int:
    """0 when all were converted, else the gravest code met."""
    met = {report.exit_code for report in reports}
    failures = [code for code in GRAVITY if code in met]
    if not reports or (failures == [3] and len(met) == 1):
        return 3
    return failures[0] if failures and failures != [3] else 0


def summary(reports: list[Report]) -> dict[str, Any]:
    """Counts and all reports, as JSON after `schemas/batch.schema.json`."""
    counts: dict[str, int] = {}
    for report in reports:
        counts[report.status] = counts.get(report.status, 0) + 1
    return {"schema": "k2to3-batch-1", "counts": counts, "reports": [r.to_json() for r in reports]}
