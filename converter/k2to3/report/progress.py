"""What is done now: a bar on a terminal where rich is installed, lines in a log, nothing where nobody looks."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from k2to3.installed import installed

LONG = 64 << 20
Count = Callable[[int], None]
Phase = Callable[[str], None]
SAY = {
    "plan": "planning",
    "write": "writing",
    "prove weights": "proving weights: every variable is read again",
    "prove embedding": "proving embeddings: Keras 2 and Keras 3 are started",
    "prove outputs": "proving outputs: Keras 2 and Keras 3 are started",
    "prove layers": "proving layers: Keras 2 and Keras 3 are started",
    "prove training": "proving training: Keras 2 and Keras 3 are started",
}


@contextmanager
def shown_progress(source: str, *, quiet: bool, lines: bool = False) -> Iterator[tuple[Count | None, Phase | None]]:
    """What to call with the bytes written, and with each phase that begins; None where nothing is shown.

    `lines`: a line for each phase although nobody looks, for a log.
    """
    stream = sys.stderr
    seen = stream is not None and stream.isatty()
    if quiet or stream is None or not (seen or lines):
        yield None, None
    elif seen and installed("rich"):
        with _bar(source, stream) as found:
            yield found
    else:
        yield None, lambda name: print(f"k2to3: {SAY.get(name, name)}", file=stream, flush=True)


@contextmanager
def _bar(source: str, stream: TextIO) -> Iterator[tuple[Count | None, Phase]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.table import Column

    size = os.path.getsize(source) if os.path.isfile(source) else 0
    phase_column = TextColumn(
        "{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis")
    )
    clock = TimeElapsedColumn(table_column=Column(no_wrap=True, min_width=len("0:00:00")))
    columns = (SpinnerColumn("line"), phase_column, BarColumn(bar_width=20), clock)
    with Progress(*columns, console=Console(file=stream), transient=True) as bar:
        task = bar.add_task("reading", total=None)

        def phase(name: str) -> None:
            bar.update(task, description=SAY.get(name, name), total=size if name == "write" and size > LONG else None)

        yield (lambda count: bar.advance(task, count)), phase
