"""The first layer of SincNet's port to Keras: a convolution whose filters are told by two numbers each.

Source: github.com/grausof/keras-sincnet, sincnet.py, whose filters lie along the axis of time by number and not by
place; rebuilt as computed. Copies differ, so it is only used when asked for:
`--treat-as SincConv1D='sincnet>SincConv1D'`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from k2to3.dataclass import dataclass
from k2to3.rules.language import Context, Native, as_stored, rule
from k2to3.rules.rebuilding import one_tensor
from k2to3.sources.tensors import StoredTensor
from k2to3.weights import Expression

Floats = np.ndarray[tuple[Any, ...], np.dtype[Any]]
LEAST = 50.0
"""Hertz, of the lower edge and of the width of each band."""


@dataclass(frozen=True)
class BandPasses(Expression):
    """The filters between `low` and `low + width`, both over the rate, as a kernel of (filters, 1, places)."""

    low: Expression
    width: Expression
    places: int
    rate: float

    @property
    def shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return (*self.low.shape, 1, self.places)

    @property
    def dtype(self) -> str:  # type: ignore[override]
        return self.low.dtype

    @property
    def exact(self) -> bool:
        return False

    def sources(self) -> Iterator[StoredTensor]:
        for part in (self.low, self.width):
            yield from part.sources()

    def compute(self) -> Floats:
        least = LEAST / self.rate
        first = np.abs(self.low.compute().astype(np.float64)) + least
        last = first + np.abs(self.width.compute().astype(np.float64)) + least
        window = 0.54 - 0.46 * np.cos(2 * np.pi * np.linspace(0, self.places, self.places) / self.places)
        found = self._low_pass(last) - self._low_pass(first)
        found = found / found.max(axis=1, keepdims=True) * window
        return np.asarray(found.reshape(self.shape), self.dtype)

    def _low_pass(self, edge: Floats) -> Floats:
        half = (self.places - 1) // 2
        times = np.linspace(1, (self.places - 1) / 2, half) / self.rate
        angles = 2 * np.pi * (edge * self.rate)[:, None] * times
        right = np.sin(angles) / angles
        middle = np.ones((len(edge), 1))
        whole: Floats = 2 * edge[:, None] * np.concatenate([right[:, ::-1], middle, right], axis=1)
        return whole

    def __str__(self) -> str:
        return f"band passes({self.low}, {self.width})"


@rule("sincnet>SincConv1D", slots=as_stored, masks="drop", origin="keras-sincnet")
def sinc_conv(context: Context) -> Native:
    """keras-sincnet's SincConv1D: Conv1D over the filters that its two weights tell."""
    one_tensor(context)
    count, places = context.config.integer("N_filt"), context.config.integer("Filt_dim")
    rate = context.config.number("fs")
    low, width = (context.find_weight(f"(.*_)?{name}", count) for name in ("filt_b1", "filt_band"))
    context.note("dropped", "its filters are stored as they are used: training goes on with all of their values")
    settings = {"filters": places, "kernel_size": [count], "use_bias": False}
    return Native(context.layer("Conv1D", settings, [BandPasses(low, width, places, rate)]))
