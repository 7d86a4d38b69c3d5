"""What an earlier run left to do: skip what is done and unchanged, do the rest, retry what may pass."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from stat import S_ISDIR
from typing import Any

from k2to3.errors import NOT_REACHED, TimedOut, WorkerDied
from k2to3.migration.find import Pair
from k2to3.migration.ledger import NAME, Known, Ledger, Row, begun, opened
from k2to3.migration.lock import locked
from k2to3.migration.places import Identity
from k2to3.migration.remote import target_identity as remote_identity
from k2to3.options.words import ConvertOptions, defaults
from k2to3.proof.bench import bench
from k2to3.publish.inputs import inputs_of
from k2to3.publish.listing import Listing
from k2to3.report.record import Report
from k2to3.sources.digest import sha256
from k2to3.version import __version__

# What is said of a run, and not of what is written.
OF_THE_RUN = frozenset(
    {"jobs", "keep_suffix", "overwrite", "progress", "include", "exclude", "manifest", "fail_fast", "only_failed",
     "timeout", "memory", "dry_run", "format", "executor", "cluster", "work"}
)  # fmt: skip
DONE = (0, NOT_REACHED)
# The same file, asked the same, gives the same again: refused, already Keras 3, unsafe, not equal.
LASTING = (1, 3, 4, 5, 9)
ENDED = (WorkerDied.__name__, TimedOut.__name__)
"""A process that was ended may have given the target its name already."""


class Resume:
    """The ledger of one run over `out`."""

    def __init__(self, ledger: Ledger, out: Path, seen: Listing, *, only_failed: bool) -> None:
        self._ledger, self._only_failed = ledger, only_failed
        self._below, self._seen = os.path.join(out, ""), seen
        self._rows: dict[str, Row | None] = {}
        self._done: dict[str, dict[str, Known]] = {}
        self._begun: dict[str, Row] = {}

    def expect(self, said: str) -> None:
        """Many files were asked for with these options: their rows are read at once."""
        if said not in self._done:
            self._done[said] = {} if self._only_failed else self._ledger.done(said, __version__)

    def earlier(self, pair: Pair, said: str) -> Known | None:
        """What came of it in an earlier run, where there is nothing to do again."""
        key = self._key(pair)
        done = self._done.get(said)
        found = None if done is None else done.get(key)
        if found is not None and self._same(pair, found):
            return found
        row = self._row(key)
        if row is None or row.state == "running":
            return None
        if row.state == "failed" and (self._only_failed or row.exit_code not in LASTING):
            return None
        same = (row.options, row.version, row.source) == (said, __version__, source_text(pair))
        if not same or not self._unchanged(pair, row):
            return None
        if row.state == "done" and target_identity(pair, self._seen) != (row.target_size, row.target_mtime_ns):
            return None
        return row.known

    def _same(self, pair: Pair, found: Known) -> bool:
        """Whether source and target are what they were, at a glance."""
        return (
            source_identity(pair, self._seen) == (found.size, found.mtime_ns)
            and target_identity(pair, self._seen) == (found.target_size, found.target_mtime_ns)
            and source_text(pair) == found.source
        )

    def _row(self, key: str) -> Row | None:
        """As it was when it was first asked for."""
        if key not in self._rows:
            self._rows[key] = self._ledger.row(key)
        return self._rows[key]

    def failed(self, pair: Pair) -> bool:
        """Whether an earlier run did not finish it."""
        row = self._row(self._key(pair))
        return row is not None and row.state != "done"

    def ours(self, pair: Pair) -> bool:
        """Whether what has the name of the target was written by an earlier run, and nobody touched it since.

        A run that was killed after a target appeared could not note it; nothing else had the name before.
        """
        row = self._row(self._key(pair))
        if row is None:
            return False
        if row.state == "running":
            return not row.occupied
        return (row.target_size, row.target_mtime_ns) == target_identity(pair) and row.target_size is not None

    def begin(self, pair: Pair, said: str) -> None:
        key = self._key(pair)
        before, source = self._row(key), source_text(pair)
        taken = is_taken(pair) and not self.ours(pair)
        row = self._begun[key] = begun(before, key, source, source_identity(pair), said, taken)
        self._ledger.put(row)

    def finish(self, pair: Pair, report: Report) -> None:
        row = self._begun.pop(self._key(pair))
        done = report.exit_code in DONE
        published = done or (not row.occupied and report.error is not None and report.error["type"] in ENDED)
        written = (target_identity(pair) if published else None) or (None, None)
        row = row._replace(
            sha256=report.source_sha256,
            state="done" if done else "failed",
            status=report.status,
            exit_code=report.exit_code,
            cause=None if report.error is None else json.dumps(report.error),
            target_size=written[0],
            target_mtime_ns=written[1],
            seconds=report.seconds,
            finished=time.time(),
        )
        self._ledger.put(row, json.dumps(report.to_json()))

    def _unchanged(self, pair: Pair, row: Row) -> bool:
        """By size and time; by content where only the time is another."""
        found = source_identity(pair, self._seen)
        if found is None or found[0] != row.size:
            return False
        if found[1] == row.mtime_ns:
            return True
        if row.sha256 is None or not pair.source.is_file() or sha256(pair.source) != row.sha256:
            return False
        self._ledger.put(row._replace(mtime_ns=found[1]), json.dumps(self._ledger.report(row.target)))
        return True

    def _key(self, pair: Pair) -> str:
        return as_text(pair.target_path.removeprefix(self._below))


@contextmanager
def resumed(out: Path, seen: Listing, *, only_failed: bool, waiting: Any = None) -> Iterator[Resume]:
    """The ledger of `out`, for this run alone: another run on the same folder waits. `seen` is what lay there just now.

    Raises:
        FileError: the folder cannot be written.
    """
    with ExitStack() as stack:
        out.mkdir(parents=True, exist_ok=True)
        waited = stack.enter_context(locked(out, waiting))
        ledger = stack.enter_context(opened(out / NAME, create=True))
        yield Resume(ledger, out, Listing() if waited else seen, only_failed=only_failed)


def source_text(pair: Pair) -> str:
    if pair.remote is None or pair.remote.source is None:
        return as_text(absolute(pair.source_path))
    return pair.source_name


def absolute(path: str) -> str:
    """As `Path(path).absolute()` is spelled."""
    return path if path[:1] == "/" == os.sep or os.path.isabs(path) else str(Path(path).absolute())


def source_identity(pair: Pair, seen: Listing | None = None) -> Identity | None:
    """What tells whether a source is still the same; `seen` of many at one moment."""
    if pair.remote is None or pair.remote.source is None:
        return identity(pair.source_path, seen)
    return pair.remote.source.identity


def target_identity(pair: Pair, seen: Listing | None = None) -> Identity | None:
    """The same of what was written."""
    if pair.remote is None or pair.remote.target is None:
        return identity(pair.target_path, seen)
    return remote_identity(pair.remote.target)


def is_taken(pair: Pair) -> bool:
    """Whether something has the name of the target."""
    url = None if pair.remote is None else pair.remote.target
    return os.path.lexists(pair.target_path) if url is None else remote_identity(url) is not None


def as_text(path: str) -> str:
    """A path as SQLite can hold it; bytes that are no text are shown as hexadecimal."""
    text = path if os.sep == "/" else path.replace(os.sep, "/")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return f"bytes:{os.fsencode(text).hex()}"
    return text


def identity(path: str, seen: Listing | None = None) -> Identity | None:
    """Size and time of a file, or of all files of a folder; None where there is none."""
    try:
        found = os.stat(path) if seen is None else seen.stat(path)
        if found is None:
            return None
        if not S_ISDIR(found.st_mode):
            return found.st_size, found.st_mtime_ns
        inner = [item.stat() for item in sorted(Path(path).rglob("*")) if item.is_file()]
    except OSError:
        return None
    return sum(item.st_size for item in inner), max((item.st_mtime_ns for item in inner), default=0)


def wanted(said: Mapping[str, Any], architecture: Path | None) -> str:
    """All that decides what becomes of a file, as text: options, the files that they name, what can prove here."""
    usual = {**defaults(ConvertOptions), "limits": ()}
    own = {key: value for key, value in said.items() if key not in OF_THE_RUN and _differs(value, usual.get(key))}
    read = inputs_of(architecture, **own)
    files = {os.fspath(path): _digest(path) for path in read}
    return json.dumps({"options": own, "files": files, "proves": asdict(bench())}, sort_keys=True, default=repr)


def _differs(value: Any, usual: Any) -> bool:
    """Whether something was said that is not so anyway."""
    return value != usual and not (value is None or value in ((), [], {}, ""))


def _digest(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
    except OSError:
        return None
