"""Two tensors of the same name."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from k2to3.comparison.tensor import Tensor, numbers
from k2to3.dataclass import dataclass
from k2to3.proof.weights import same_bits

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Difference:
    """How two tensors compare.

    `max_abs` is the largest absolute difference; None where shapes differ, or NaN or
    infinite values stand in different places.
    """

    name: str
    equal: bool
    bit_equal: bool
    max_abs: float | None
    a: dict[str, Any]
    b: dict[str, Any]


def compare(a: Tensor, b: Tensor, tolerance: float) -> Difference:
    """Compare in pieces of about 4 MB."""
    found = {"a": _description(a), "b": _description(b)}
    if a.shape != b.shape:
        return Difference(a.name, False, False, None, **found)
    bits, largest = a.dtype == b.dtype, 0.0
    for start, stop in _ranges(a):
        first, second = a.part(start, stop), b.part(start, stop)
        if bits and same_bits(first, second):
            continue
        bits = False
        gap = _gap(numbers(first, a.dtype), numbers(second, b.dtype))
        if gap is None:
            return Difference(a.name, False, False, None, **found)
        largest = max(largest, gap)
    return Difference(a.name, bits or 0 < tolerance >= largest, bits, largest, **found)


def _ranges(tensor: Tensor) -> list[tuple[int, int]]:
    if not tensor.shape:
        return [(0, 1)]
    rows, step = tensor.shape[0], tensor.step()
    return [(start, min(rows, start + step)) for start in range(0, rows, step)]


def _gap(a: Floats, b: Floats) -> float | None:
    finite = np.isfinite(a)
    if not np.array_equal(finite, np.isfinite(b)) or not np.array_equal(a[~finite], b[~finite], equal_nan=True):
        return None
    return float(np.abs(a - b)[finite].max(initial=0.0))


def _description(tensor: Tensor) -> dict[str, Any]:
    return {"shape": list(tensor.shape), "dtype": tensor.dtype, "from": tensor.origin}
