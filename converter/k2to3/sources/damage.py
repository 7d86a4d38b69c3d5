"""What the library of HDF5 finds wrong with a file, in our words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from k2to3.errors import Damaged
from k2to3.isolation.child import first_line
from k2to3.limits import too_much

DAMAGED = (OSError, RuntimeError, KeyError, ValueError, TypeError, OverflowError)
"""What h5py raises for structures that HDF5 itself finds damaged."""
NO_MEMORY = re.compile("memory allocation failed|unable to allocate|can't allocate")


@contextmanager
def damage() -> Iterator[None]:
    """Errors of h5py as one of ours.

    Raises:
        Damaged: the HDF5 library finds the file damaged.
        UnsafeFile: it asked for memory that it did not get.
    """
    try:
        yield
    except DAMAGED as error:
        if NO_MEMORY.search(str(error)):
            raise too_much("config_bytes", f"asks for more memory than an honest file: {first_line(error)}") from error
        raise Damaged(f"damaged HDF5 file: {first_line(error)}") from error
