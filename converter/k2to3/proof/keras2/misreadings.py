"""Words of NumPy and Python for what does not fit, as a claim that is not made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from k2to3.errors import NotSpecified


@contextmanager
def misreadings(path: list[str]) -> Iterator[None]:
    """NumPy's and Python's words for what does not fit: the specification, or the file, has something wrong."""
    try:
        yield
    except (ValueError, IndexError, TypeError, LookupError, AttributeError, ArithmeticError, MemoryError) as error:
        raise NotSpecified(f"{type(error).__name__}: {error}"[:200], layer="/".join(path) or None) from error
