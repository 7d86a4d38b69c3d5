"""Inside the worker: outputs that do not depend on the input, or are no numbers, prove nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.proof.differences import FLUSHED

# Relative to the largest value: less than rounding leaves.
STEADY = 1e-6


class Variety:
    """Which outputs ever changed, over all samples of all inputs."""

    def __init__(self, steady: float = STEADY) -> None:
        self._steady = steady
        self._first: dict[int, Any] = {}
        self._texts: dict[int, set[str]] = {}
        self._varied: set[int] = set()
        self._finite: set[int] = set()
        self._count = 0

    def add(self, outputs: list[Any]) -> None:
        """The reference's outputs on one batch."""
        self._count = max(self._count, len(outputs))
        for index, output in enumerate(outputs):
            if output.dtype.kind in "fiub":
                self._add_numbers(index, output.astype("float64"))
            else:
                self._add_texts(index, output)

    def _add_numbers(self, index: int, values: Any) -> None:
        if np.isfinite(values).any():
            self._finite.add(index)
        for row in values if values.ndim else [values]:
            first = self._first.setdefault(index, row)
            if index not in self._varied and _differ(first, row, self._steady):
                self._varied.add(index)

    def _add_texts(self, index: int, output: Any) -> None:
        found = self._texts.setdefault(index, set())
        found.update(str(text) for text in output.ravel())
        self._finite.add(index)
        if len(found) > 1:
            self._varied.add(index)

    def empty(self) -> bool:
        """Whether an output held nothing that could be compared: frames of a signal shorter than a frame."""
        return len(self._finite) < self._count

    def problems(self) -> list[str]:
        """What was compared in vain."""
        found = []
        for index in range(self._count):
            if index not in self._finite:
                found.append(f"output {index}: no value is a finite number, which proves nothing")
            elif index not in self._varied:
                found.append(f"output {index} is the same for every input that was tried, which proves little")
        return found


def _differ(first: Any, other: Any, steady: float) -> bool:
    if first.shape != other.shape:
        # Another length: the part that both have.
        shared = tuple(slice(min(a, b)) for a, b in zip(first.shape, other.shape, strict=False))
        first, other = first[shared], other[shared]
    first, other = np.nan_to_num(first), np.nan_to_num(other)
    scale = max(float(np.abs(first).max(initial=0.0)), float(np.abs(other).max(initial=0.0)))
    return bool(np.abs(first - other).max(initial=0.0) > max(steady * scale, FLUSHED))
