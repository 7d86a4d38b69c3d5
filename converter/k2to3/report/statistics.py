"""What the values of a variable look like, gathered piece by piece."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.sources.tensors import Array
from k2to3.weights import Expression
from k2to3.weights.bfloat16 import to_float32


def statistics_of(expression: Expression) -> dict[str, Any] | None:
    """Least, greatest, mean, standard deviation, and how many are zero or not finite; None for what is no number.

    The first four are None where no value is finite.
    """
    if expression.dtype != "bfloat16" and np.dtype(expression.dtype).kind not in "fiub":
        return None
    found = Moments()
    for piece in expression.rows():
        found.add(to_float32(piece) if expression.dtype == "bfloat16" else piece)
    return found.to_json()


class Moments:
    """Mean and variance of pieces, after Chan, Golub and LeVeque: no large sums cancel."""

    def __init__(self) -> None:
        self.count = self.zeros = self.nonfinite = 0
        self.mean = self.squares = 0.0
        self.least, self.greatest = np.inf, -np.inf

    def add(self, piece: Array) -> None:
        """One more piece."""
        values = np.asarray(piece, dtype=np.float64).ravel()
        finite = np.isfinite(values)
        self.nonfinite += int(values.size - finite.sum())
        self.zeros += int((values == 0).sum())
        values = values if finite.all() else values[finite]
        if not values.size:
            return
        mean, count = float(values.mean()), self.count + values.size
        step = mean - self.mean
        self.squares += float(((values - mean) ** 2).sum()) + step * step * self.count * values.size / count
        self.mean += step * values.size / count
        self.count = count
        self.least, self.greatest = min(self.least, float(values.min())), max(self.greatest, float(values.max()))

    def to_json(self) -> dict[str, Any]:
        """What the record holds."""
        some = self.count > 0
        return {
            "min": self.least if some else None,
            "max": self.greatest if some else None,
            "mean": self.mean if some else None,
            "std": float(np.sqrt(self.squares / self.count)) if some else None,
            "zeros": self.zeros,
            "nonfinite": self.nonfinite,
        }
