"""Standard output and standard error of a command: printing never fails, and says so when it did."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
from typing import Any, TextIO

from k2to3.cli.colour import coloured, painted
from k2to3.cli.folding import folded
from k2to3.printable import listing


class Console:
    """Prints for one command. What a stream cannot encode is shown as an escape.

    A stream that takes no more (a full disk, a closed pipe) ends the printing, not the work.
    """

    def __init__(self) -> None:
        self.lost: OSError | None = None
        self.recorded = False
        """Whether a record was printed."""
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")

    def say(self, *lines: str) -> None:
        """Print lines; control characters inside them are escaped. On a terminal long ones are folded."""
        paint = painted if coloured(sys.stdout, os.environ) else str
        shown = [piece for line in lines for piece in _fitting(listing(line))]
        self._write("".join(f"{paint(piece)}\n" for piece in shown))

    def say_json(self, value: Any) -> None:
        """Print a record, in characters that every console has."""
        self.recorded = True
        self._write(json.dumps(value, indent=2) + "\n")

    def complain(self, text: str) -> None:
        """One line on standard error."""
        with contextlib.suppress(OSError, ValueError):
            print(f"k2to3: {listing(text)}", file=sys.stderr, flush=True)

    def finish(self, code: int) -> int:
        """The exit code, after everything was printed or not."""
        if self.lost is None:
            self._write("")
        if self.lost is None or isinstance(self.lost, BrokenPipeError):
            # The reader of our output went away (`k2to3 inspect x | head`).
            return code
        self.complain(f"the output could not be printed: {self.lost.strerror}")
        return code or 6

    def _write(self, text: str) -> None:
        if self.lost is not None or sys.stdout is None:
            return
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except OSError as error:
            self.lost = error
            _silence(sys.stdout)


def _fitting(text: str) -> list[str]:
    """The lines of a text as wide as the terminal; as they are where a program or a file reads them."""
    if sys.stdout is None or not sys.stdout.isatty():
        return [text]
    width = shutil.get_terminal_size().columns
    return [piece for line in text.split("\n") for piece in folded(line, width)]


def _silence(stream: TextIO) -> None:
    """Python flushes once more at its end, which would fail again."""
    with contextlib.suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
