"""The memory of a batch: one SQLite file in the folder that is written to, a row for each target.

`sqlite3 converted/k2to3.sqlite 'select target, status, cause from files where state = "failed"'`.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from k2to3.dataclass import dataclass
from k2to3.errors import NOT_REACHED, FileError
from k2to3.report.record import Report
from k2to3.version import __version__

NAME = "k2to3.sqlite"
TABLE = """
CREATE TABLE IF NOT EXISTS files (
    target TEXT PRIMARY KEY,    -- below the folder of this file
    source TEXT NOT NULL,
    size INTEGER,               -- of the source, when it was begun
    mtime_ns INTEGER,
    sha256 TEXT,                -- of the source, where the proof took it
    options TEXT NOT NULL,      -- all that decides what is written and proved, as JSON
    version TEXT NOT NULL,      -- of k2to3
    state TEXT NOT NULL,        -- running, done, failed
    attempts INTEGER NOT NULL,
    status TEXT NOT NULL,       -- as in the report: proved, converted, refused, ...
    exit_code INTEGER NOT NULL,
    cause TEXT,                 -- the error as JSON
    target_size INTEGER,        -- of what was written
    target_mtime_ns INTEGER,
    occupied INTEGER NOT NULL,  -- something else had the name of the target when it was begun
    seconds REAL NOT NULL,
    finished REAL NOT NULL,     -- seconds since 1970
    report TEXT                 -- as JSON, after schemas/report.schema.json
)
"""
WAIT = 60.0
"""Seconds that another connection may hold the file."""


class Known(NamedTuple):
    """What came of a target, in short, and by what source and target are known again."""

    target: str
    source: str
    size: int | None
    mtime_ns: int | None
    target_size: int | None
    target_mtime_ns: int | None
    status: str
    exit_code: int
    cause: str | None
    sha256: str | None
    seconds: float

    def report(self, source: str, target: str) -> Report:
        """What became of it then; the ledger holds the whole."""
        error = None if self.cause is None else json.loads(self.cause)
        found = Report(source=source, target=target, status=self.status, exit_code=self.exit_code, error=error)
        found.source_sha256, found.seconds = self.sha256, self.seconds
        return found


class Row(NamedTuple):
    """What is known of one target, but for its report."""

    target: str
    source: str
    size: int | None
    mtime_ns: int | None
    sha256: str | None
    options: str
    version: str
    state: str
    attempts: int
    status: str
    exit_code: int
    cause: str | None
    target_size: int | None
    target_mtime_ns: int | None
    occupied: int
    seconds: float
    finished: float

    @property
    def known(self) -> Known:
        return Known._make(getattr(self, name) for name in Known._fields)


@dataclass(frozen=True)
class Tally:
    """Files of one status and cause: how many, and the source of one; what is not proved has no cause."""

    status: str
    exit_code: int
    cause: dict[str, Any] | None
    not_proved: str | None
    count: int
    source: str


# SQLite counts a hundred thousand rows while Python makes objects of a few thousand.
TALLY = f"""
SELECT status, exit_code, cause, open, count(*), min(source) FROM (
    SELECT status, exit_code, cause, source,
           CASE WHEN exit_code = {NOT_REACHED} THEN json_extract(report, '$.not_proved[0]') END AS open
    FROM files
) GROUP BY status, exit_code, cause, open
"""
COLUMNS = Row._fields
KNOWN = f"SELECT {', '.join(Known._fields)} FROM files"
OF_DONE = "WHERE state = 'done' AND options = ? AND version = ?"
DONE = f"{KNOWN} {OF_DONE}"
COUNT_DONE = f"SELECT count(*) FROM files {OF_DONE}"
# Reports fill the table: a resume reads a tenth of the file.
INDEX = f"CREATE INDEX IF NOT EXISTS known ON files (options, version, state, {', '.join(Known._fields)})"


class Ledger:
    """Rows by target."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def known(self) -> dict[str, Known]:
        """All targets."""
        return {row[0]: Known._make(row) for row in self._connection.execute(KNOWN)}

    def count_done(self, said: str, version: str) -> int:
        """How many a version finished with these very options."""
        (count,) = self._connection.execute(COUNT_DONE, (said, version)).fetchone()
        return int(count)

    def done(self, said: str, version: str) -> dict[str, Known]:
        """What a version finished with these very options."""
        return {row[0]: Known._make(row) for row in self._connection.execute(DONE, (said, version))}

    def row(self, target: str) -> Row | None:
        """One target."""
        query = f"SELECT {', '.join(COLUMNS)} FROM files WHERE target = ?"
        found = self._connection.execute(query, (target,)).fetchone()
        return None if found is None else Row._make(found)

    def tally(self) -> list[Tally]:
        """All rows, counted by status and cause."""
        return [
            Tally(status, code, None if cause is None else json.loads(cause), unproved, count, source)
            for status, code, cause, unproved, count, source in self._connection.execute(TALLY)
        ]

    def report(self, target: str) -> dict[str, Any] | None:
        """The whole report of a target."""
        found = self._connection.execute("SELECT report FROM files WHERE target = ?", (target,)).fetchone()
        return None if found is None or found[0] is None else json.loads(found[0])

    def put(self, row: Row, report: str | None = None) -> None:
        """Remember, in place of what was known of the target."""
        names = (*COLUMNS, "report")
        values = [*row, report]
        marks = ", ".join("?" * len(names))
        with self._connection:
            self._connection.execute(f"INSERT OR REPLACE INTO files ({', '.join(names)}) VALUES ({marks})", values)


@contextmanager
def opened(path: Path, *, create: bool) -> Iterator[Ledger]:
    """The ledger at `path`.

    Raises:
        FileError: it is not there, or is none.
    """
    if not create and not path.is_file():
        raise FileError("there is no ledger of a batch here", file=str(path), hint="--out names the folder of a batch")
    try:
        connection = sqlite3.connect(path, timeout=WAIT)
        try:
            # What a killed run leaves is rolled back; only a power cut could lose the last rows.
            connection.execute("PRAGMA synchronous = NORMAL")
            if create:
                connection.execute(TABLE)
                connection.execute(INDEX)
            yield Ledger(connection)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise FileError(f"the ledger cannot be used: {error}", file=str(path), hint="move it away") from error


def begun(row: Row | None, target: str, source: str, identity: tuple[int, int] | None, said: str, taken: bool) -> Row:
    """The row of a file whose conversion begins."""
    size, mtime = identity or (None, None)
    attempts = (row.attempts if row is not None else 0) + 1
    now = time.time()
    return Row(
        target, source, size, mtime, None, said, __version__, "running", attempts, "running", 0, None, None, None,
        int(taken), 0.0, now,
    )  # fmt: skip
