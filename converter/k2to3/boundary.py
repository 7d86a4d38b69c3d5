"""The one place where an exception that nobody raised on purpose becomes an error of ours."""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Protocol

from k2to3.errors import FileError, InternalError, K2to3Error, Refused
from k2to3.printable import printable

ROOT = Path(__file__).resolve().parent
VARIABLE = "K2TO3_TRACEBACK"


class Recorded(Protocol):
    """A report, as far as its end concerns it."""

    source: str
    seconds: float

    def fail(self, error: K2to3Error) -> None: ...


@contextmanager
def boundary(file: str | None = None) -> Iterator[None]:
    """Whatever goes wrong inside leaves as a `K2to3Error`, but for interruptions.

    Raises:
        K2to3Error: as it was raised inside. FileError: the system said no, or has no memory left.
        InternalError: anything else.
    """
    try:
        yield
    except K2to3Error:
        raise
    except MemoryError as error:
        raise FileError("there is not enough memory", file=file) from error
    except Exception as error:
        _show_traceback()
        raise _ours(error, file) from error


@contextmanager
def recorded(report: Recorded) -> Iterator[None]:
    """A boundary that keeps in `report` how it ended and how long it took."""
    started = time.monotonic()
    try:
        with boundary(report.source):
            yield
    except K2to3Error as error:
        if isinstance(error, Refused):
            error.file = error.file or report.source
        report.fail(error)
        raise
    finally:
        report.seconds = round(time.monotonic() - started, 3)


def _ours(error: Exception, file: str | None) -> K2to3Error:
    # What h5py finds wrong inside a file is an OSError without a number.
    if isinstance(error, OSError) and error.errno and error.strerror:
        return FileError(error.strerror, file=os.fsdecode(error.filename) if _is_name(error.filename) else file)
    words = next(iter(str(error).splitlines()), "")
    text = f"{type(error).__name__} at {_place(error.__traceback__)}: {words}"
    return InternalError(f"a fault of k2to3, not of the file: {text}; nothing was written", file=file)


def _is_name(value: object) -> bool:
    return isinstance(value, (str, bytes))


def _place(found: TracebackType | None) -> str:
    """The innermost line of this package."""
    frames = [(Path(frame.filename), frame.lineno) for frame in traceback.extract_tb(found)]
    own = [(path.relative_to(ROOT), line) for path, line in frames if path.is_relative_to(ROOT)]
    path, line = (own or frames or [(Path("?"), 0)])[-1]
    return f"{path.as_posix()}:{line}"


def _show_traceback() -> None:
    if os.environ.get(VARIABLE):
        for line in traceback.format_exc().splitlines():
            print(printable(line), file=sys.stderr)
