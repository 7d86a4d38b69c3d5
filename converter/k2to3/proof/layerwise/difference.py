"""Inside the worker: one output of one call, in both Kerases."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.proof.differences import difference

Json = dict[str, Any]


def worst_element(want: Any, have: Any) -> Json:
    """Where two arrays of numbers differ most: the index, both values, and how many float32 numbers lie between."""
    if want.shape != have.shape or want.dtype.kind not in "fiub" or have.dtype.kind not in "fiub" or not want.size:
        return {"index": [], "wanted": None, "found": None, "ulp": None}
    a, b = want.astype(np.float64), have.astype(np.float64)
    with np.errstate(invalid="ignore"):
        gap = np.abs(a - b)
    gap[np.isfinite(a) != np.isfinite(b)] = np.inf
    index = np.unravel_index(int(np.nanargmax(np.where(np.isnan(gap), -1.0, gap))), gap.shape)
    with np.errstate(over="ignore"):
        spacing = float(np.spacing(np.float32(abs(a[index]))))
    ulp = float(gap[index]) / spacing if np.isfinite(gap[index]) and np.isfinite(spacing) and spacing else None
    return {
        "index": [int(n) for n in index],
        "wanted": number(a[index]),
        "found": number(b[index]),
        "ulp": ulp,
    }


def number(value: Any) -> float | str:
    """JSON knows no NaN."""
    return float(value) if np.isfinite(value) else str(float(value))


def compared(want: Any, have: Any, tolerance: float) -> Json:
    """The largest error against what is allowed; `problem` is what no number says."""
    gap, scale, problem = difference(want, have)
    return {"max_error": gap, "scale": scale, "allowed": tolerance * scale, "problem": problem}
