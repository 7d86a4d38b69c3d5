"""Inside the worker: how far two outputs are apart."""

from __future__ import annotations

from typing import Any

import numpy as np


def _texts(values: Any) -> list[str]:
    return [text.decode() if isinstance(text, bytes) else str(text) for text in values.ravel()]


# What is smaller is a zero for one library and a number for the next: numbers without all their bits are slow.
FLUSHED = float(np.finfo("float32").tiny)


def difference(want: Any, have: Any) -> tuple[float, float, str]:
    """(largest error, largest reference value, problem); NaN and infinities must match."""
    if want.shape != have.shape:
        return 0.0, 1.0, f"shape {have.shape} instead of {want.shape}"
    # NumPy has no letter for bfloat16, which it knows by the name that others gave it.
    if want.dtype.kind not in "fiub" and want.dtype.name != "bfloat16":
        return 0.0, 1.0, "" if _texts(want) == _texts(have) else "strings differ"
    a, b = want.astype("float64"), have.astype("float64")
    finite = np.isfinite(a)
    if not np.array_equal(finite, np.isfinite(b)) or not np.array_equal(a[~finite], b[~finite], equal_nan=True):
        return 0.0, 1.0, "NaN or infinite values differ"
    if not finite.any():
        return 0.0, 1.0, ""
    gap = float(np.abs(a - b)[finite].max())
    return gap if gap > FLUSHED else 0.0, float(np.abs(a[finite]).max()) or 1.0, ""
