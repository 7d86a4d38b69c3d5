"""The program `k2to3` never imports from the current folder, where a checkpoint's neighbours lie.

Python puts it first on the path for `python -m`, and an empty entry of `PYTHONPATH` means it too.
"""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

SAFE = "PYTHONSAFEPATH"


def leave_current_folder() -> None:
    """Take the current folder off the path, before anything else is imported, where this package is the program."""
    if not _is_program():
        return
    try:
        here = os.path.realpath(os.getcwd())
    except OSError:
        # It was removed; nothing can be imported from it.
        return
    own = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
    if here != own:
        sys.path[:] = [folder for folder in sys.path if os.path.realpath(folder) != here]


@contextmanager
def safe_path() -> Iterator[None]:
    """Interpreters that are started in this block (by `multiprocessing`) never import from the current folder.

    They run `python -c`, which puts it first, before the first line of ours.
    """
    before = os.environ.get(SAFE)
    os.environ[SAFE] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[SAFE]
        else:
            os.environ[SAFE] = before


def _is_program() -> bool:
    if sys.argv[:1] == ["-m"]:
        # While runpy imports the package of `-m`, this is still the name of the program.
        return "-mk2to3" in sys.orig_argv or ("-m", "k2to3") in itertools.pairwise(sys.orig_argv)
    return bool(sys.argv) and os.path.basename(sys.argv[0]) in ("k2to3", "k2to3.exe")
