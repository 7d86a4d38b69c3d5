"""What came of a batch: counts, and failures by cause, each with an example and the way out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import asdict, dataclass
from math import prod
from typing import Any, Protocol

import numpy as np

from k2to3.options.words import BatchOptions, flag, words
from k2to3.report.record import Report

# The gravest first.
GRAVITY = (130, 70, 4, 5, 7, 1, 9, 6, 2, 8, 3)
NOT_PROVED = "NotProved"
OPTION = re.compile(r"--[a-z][a-z-]+")
GENERAL = frozenset({"--report", "--summary", "--out"})


@dataclass(frozen=True)
class Cause:
    """Why files failed: `type` of the error, `message` of the first, `count` of files, the way out."""

    status: str
    type: str
    message: str
    count: int
    example: str
    way_out: str | None


@dataclass(frozen=True)
class Problem:
    """Why `count` files failed, one of which is `source`."""

    status: str
    type: str
    message: str
    hint: str | None
    source: str
    count: int = 1


class Ended(Protocol):
    """How a file ended."""

    @property
    def status(self) -> str: ...

    @property
    def exit_code(self) -> int: ...


def exit_code(reports: Sequence[Ended]) -> int:
    """0 when all were converted, else the gravest code met."""
    return gravest({report.exit_code for report in reports})


def gravest(met: Set[int]) -> int:
    """The same for the codes of all files."""
    failures = [code for code in GRAVITY if code in met]
    if not met or (failures == [3] and len(met) == 1):
        return 3
    return failures[0] if failures and failures != [3] else 0


def summary(reports: Sequence[Report], skipped: int = 0) -> dict[str, Any]:
    """Counts, causes and all reports, as JSON after `schemas/batch.schema.json`."""
    return {
        "schema": "k2to3-batch-1",
        "counts": counts(reports),
        "skipped": skipped,
        "bytes": sum(map(written_bytes, reports)),
        "causes": [asdict(cause) for cause in causes(reports)],
        "reports": [report.to_json() for report in reports],
    }


def counts(reports: Sequence[Ended]) -> dict[str, int]:
    """Files by status."""
    return dict(Counter(report.status for report in reports))


def causes(reports: Sequence[Report]) -> list[Cause]:
    """Failures by cause."""
    return grouped(problem for report in reports for problem in _problems(report))


def grouped(problems: Iterable[Problem]) -> list[Cause]:
    """Failures that differ in names and numbers alone are one cause; the most frequent first."""
    groups: dict[tuple[str, str, str], list[Problem]] = {}
    for each in problems:
        groups.setdefault((each.status, each.type, _shape(each.message)), []).append(each)
    found = [
        Cause(
            status, kind, group[0].message, sum(each.count for each in group), group[0].source, way_out(group[0].hint)
        )
        for (status, kind, _), group in groups.items()
    ]
    return sorted(found, key=lambda cause: -cause.count)


def _problems(report: Report) -> Iterator[Problem]:
    error = report.error
    if error is not None:
        yield Problem(report.status, error["type"], error["message"], error.get("hint"), report.source)
    elif report.not_reached and report.not_proved:
        yield Problem(report.status, NOT_PROVED, report.not_proved[0], None, report.source)


def _shape(message: str) -> str:
    """A message without what stands for one file alone: numbers, and names that hold a number."""
    return re.sub(r"\w*\d[\w.]*", "…", message)


def way_out(hint: str | None) -> str | None:
    """The hint of an error, as far as a batch can follow it."""
    if hint is None:
        return None
    known = {flag(name, word) for name, _, word in words(BatchOptions)} | GENERAL
    foreign = [found for found in OPTION.findall(hint) if found not in known]
    return f"{hint}; for one file of a batch, in a --manifest" if foreign else hint


def written_bytes(report: Report) -> int:
    """Bytes that were written, or, where it was only planned, that the variables will take."""
    if report.target_bytes or report.status != "planned":
        return report.target_bytes
    return sum(prod(item["shape"]) * _size(item["dtype"]) for item in report.variables)


def _size(dtype: str) -> int:
    return 2 if dtype == "bfloat16" else 0 if dtype == "string" else np.dtype(dtype).itemsize
