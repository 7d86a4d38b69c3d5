"""A thread for what goes on beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor


def one_thread() -> ThreadPoolExecutor:
    """Does one thing after the other; imported when it is wanted, for a small file does without."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(1)
