"""`--status`: what the ledger of a folder says, without a look at any checkpoint."""

from __future__ import annotations

from pathlib import Path

from k2to3.batch.ledger import NAME, opened
from k2to3.report.record import Report


def status(out: Path) -> list[Report]:
    """What became of every file, in short.

    Raises:
        FileError: no batch wrote to this folder.
    """
    with opened(out / NAME, create=False) as ledger:
        return [row.report(row.source, str(out / row.target)) for row in ledger.rows().values()]
