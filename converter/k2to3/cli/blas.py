"""NumPy without the threads of its BLAS, in a process that multiplies no matrices."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

THREADS = "OPENBLAS_NUM_THREADS"


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """NumPy, imported in this block, starts no threads, which spin longer than a small conversion takes.

    What is started later is told nothing of it: a judge may multiply on all cores.
    """
    if THREADS in os.environ:
        yield
        return
    os.environ[THREADS] = "1"
    try:
        yield
    finally:
        del os.environ[THREADS]
