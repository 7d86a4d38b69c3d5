"""k2to3 with the signals of a terminal, whatever the test run inherited; `PAUSE` stops it where a test wants it.

Processes of a batch import this file again, and so pause as well.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
import time
from pathlib import Path

import k2to3.api.convert
import k2to3.cli.main


def paused(report: object, *_: object) -> None:
    """Written, but not yet published: say so in a file, and wait."""
    name = Path(report.source).name  # type: ignore[attr-defined]
    (Path(os.environ["PAUSE"]) / name).write_text(str(os.getpid()))
    time.sleep(60)


if os.environ.get("PAUSE"):
    importlib.import_module("k2to3.api.convert").prove = paused  # type: ignore[attr-defined]

if __name__ == "__main__":
    for name in ("SIGTERM", "SIGHUP"):
        signal.signal(getattr(signal, name), signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(k2to3.cli.main.main(sys.argv[1:]))
