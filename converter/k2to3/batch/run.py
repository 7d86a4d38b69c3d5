"""Convert a folder: a process pool, the tree kept, one bad file never stops the run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from k2to3.convert import convert
from k2to3.errors import FileError, K2to3Error
from k2to3.isolation.command import safe_path
from k2to3.report.record import Report
from k2to3.source.h5 import read_bare

ARCHITECTURES = (".arch.json", ".json", ".arch.yaml", ".yaml", ".yml")
SUFFIXES = frozenset({".h5", ".hdf5", ".keras", ".hdf", ".h5py"})
Done = Callable[[Report, int, int], None]


def find_checkpoints(folder: Path) -> Iterator[Path]:
    """Files below `folder` that may be checkpoints, in a fixed order."""
    for root, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if Path(name).suffix.lower() in SUFFIXES:
                yield Path(root) / name


def batch(
    folder: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    jobs: int = 1,
    done: Done | None = None,
    **options: Any,
) -> list[Report]:
    """Convert every checkpoint below `folder` into the same tree below `out`.

    `options` go to `convert`. A `x.json`, `x.arch.json` or `x.yaml` beside a weights-only
    `x.h5` or `x.weights.h5` is taken as its architecture. Failures are reports, never exceptions.

    Raises:
        FileError: `folder` is not a folder.
    """
    source, target = Path(folder), Path(out)
    if not source.is_dir():
        raise FileError("is not a folder", file=str(source))
    paths = list(find_checkpoints(source))
    pairs = [(path, target / path.relative_to(source).with_suffix(".keras")) for path in paths]
    reports: dict[Path, Report] = {}
    with safe_path(), ProcessPoolExecutor(max(1, jobs), mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(convert_one, *pair, options): pair for pair in pairs}
        for future in as_completed(waiting):
            path, goal = waiting[future]
            try:
                reports[path] = future.result()
            except BrokenProcessPool:
                reports[path] = _crashed(path, goal)
            if done is not None:
                done(reports[path], len(reports), len(pairs))
    return [reports[path] for path in paths]


def convert_one(source: Path, target: Path, options: dict[str, Any]) -> Report:
    """One conversion whose failure is part of the report."""
    settings = {**options}
    architecture = _architecture(source)
    if architecture is not None and "architecture" not in settings:
        settings["architecture"] = architecture
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        return convert(source, target, **settings)
    except K2to3Error as error:
        report = Report(source=str(source), target=str(target))
        report.fail(error)
        return report
    except OSError as error:
        report = Report(source=str(source), target=str(target))
        report.fail(FileError(str(error)))
        return report


def _architecture(source: Path) -> Path | None:
    stem = str(source.with_suffix("")).removesuffix(".weights")
    beside = next((path for suffix in ARCHITECTURES if (path := Path(stem + suffix)).exists()), None)
    try:
        return beside if beside is not None and read_bare(source) is not None else None
    except K2to3Error:
        # The conversion will say what is wrong with it.
        return None


def _crashed(path: Path, target: Path) -> Report:
    report = Report(source=str(path), target=str(target))
    report.fail(K2to3Error("the worker process died (out of memory?)"))
    return report


def exit_code(reports: list[Report]) -> int:
    """0 when all were converted, else the gravest code met."""
    order = (4, 5, 1, 6, 2, 3)
    met = {report.exit_code for report in reports}
    failures = [code for code in order if code in met]
    if not reports or (failures == [3] and len(met) == 1):
        return 3
    return failures[0] if failures and failures != [3] else 0


def summary(reports: list[Report]) -> dict[str, Any]:
    """Counts and all reports, as JSON after `schemas/batch.schema.json`."""
    counts: dict[str, int] = {}
    for report in reports:
        counts[report.status] = counts.get(report.status, 0) + 1
    return {"schema": "k2to3-batch-1", "counts": counts, "reports": [r.to_json() for r in reports]}
