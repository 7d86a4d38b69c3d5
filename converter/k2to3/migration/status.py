"""`--status`: what the ledger of a folder says, without a look at any checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from k2to3.migration.ledger import NAME, Tally, opened
from k2to3.migration.summary import NOT_PROVED, Cause, Problem, grouped
from k2to3.report.record import Report


def status(out: Path) -> list[Report]:
    """What became of every file, in short.

    Raises:
        FileError: no batch wrote to this folder.
    """
    with opened(out / NAME, create=False) as ledger:
        return [row.report(row.source, str(out / row.target)) for row in ledger.known().values()]


def tally(out: Path) -> list[Tally]:
    """The same, counted: for a hundred thousand files in a second.

    Raises:
        FileError: no batch wrote to this folder.
    """
    with opened(out / NAME, create=False) as ledger:
        return ledger.tally()


def tallied(found: Sequence[Tally]) -> tuple[dict[str, int], list[Cause]]:
    """Files by status, and failures by cause."""
    counts: dict[str, int] = {}
    for each in found:
        counts[each.status] = counts.get(each.status, 0) + each.count
    return counts, grouped(problem for each in found if (problem := _problem(each)) is not None)


def _problem(each: Tally) -> Problem | None:
    if each.cause is not None:
        return Problem(
            each.status, each.cause["type"], each.cause["message"], each.cause.get("hint"), each.source, each.count
        )
    if each.not_proved is not None:
        return Problem(each.status, NOT_PROVED, each.not_proved, None, each.source, each.count)
    return None
