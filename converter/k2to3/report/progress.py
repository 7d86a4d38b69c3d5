"""A progress bar for long copies, on a terminal and where rich is installed."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from k2to3.installed import installed

LONG = 64 << 20


@contextmanager
def progress_bar(source: str, *, quiet: bool) -> Iterator[Callable[[int], None] | None]:
    """Yield a function to call with the number of bytes copied, or None when none is shown."""
    size = os.path.getsize(source) if os.path.isfile(source) else 0
    if quiet or size < LONG or not sys.stderr.isatty() or not installed("rich"):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TransferSpeedColumn

    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("copy", total=size)
        yield lambda count: bar.advance(task, count)
