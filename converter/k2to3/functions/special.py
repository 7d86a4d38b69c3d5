"""Special functions of mathematics, rebuilt from elementary ones."""

from __future__ import annotations

from functools import reduce as fold_left
from typing import Any

import numpy as np

from k2to3.functions.arithmetic import add_tensors
from k2to3.functions.conditions import where
from k2to3.functions.dtypes import dtype_of
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.operands import as_tensor, elementwise
from k2to3.functions.reductions import reduce
from k2to3.functions.values import Value, holds_runtime

symbol = Family()

# Lanczos' approximation for g = 7 and nine terms; its error is below float32's own.
# C. Lanczos, "A Precision Approximation of the Gamma Function", SIAM B 1 (1964).
LANCZOS = (
    676.520368121885098567009190444019,
    -1259.13921672240287047156078755283,
    771.3234287776530788486528258894,
    -176.61502916214059906584551354,
    12.507343278686904814458936853,
    -0.13857109526572011689554707,
    9.984369578019570859563e-6,
    1.50563273514931155834e-7,
)
FIRST = 0.99999999999980993227684700473478
# Bernoulli's numbers over their index: the tail of ψ(x) = ln x - 1/2x - Σ B / (k x^k).
DIGAMMA = (1 / 12, -1 / 120, 1 / 252, -1 / 240)


class _Calculator:
    """Arithmetic on graph values, for formulas."""

    def __init__(self, emitter: Emitter) -> None:
        self.emitter = emitter

    def __call__(self, name: str, *values: Value) -> Any:
        return elementwise(self.emitter, f"numpy.{name}", *values)

    def plus(self, *values: Value) -> Any:
        return fold_left(lambda x, y: add_tensors(self.emitter, x, y), values)


def _float32(emitter: Emitter, x: Value, what: str) -> Any:
    tensor = as_tensor(emitter, x)
    if dtype_of(tensor) != "float32":
        raise emitter.refuse(f"{what} of {tensor.dtype}")
    return tensor


@symbol("tf.math.lgamma")
def lgamma(emitter: Emitter, x: Value, name: Value = None) -> Any:
    """ln|Γ(x)|, below 1/2 by reflection."""
    tensor = _float32(emitter, x, "lgamma")
    do = _Calculator(emitter)
    small = elementwise(emitter, "numpy.Less", tensor, 0.5, dtype="bool")
    # Γ(z + 1) with z ≥ -1/2 on both branches.
    z = where(emitter, small, do("Negative", tensor), do("Subtract", tensor, 1.0))
    series: Any = FIRST
    for index, factor in enumerate(LANCZOS):
        series = do.plus(do("TrueDivide", factor, do.plus(z, float(index + 1))), series)
    # ln(z + 7.5) as ln 7.5 + ln(1 + z / 7.5), which keeps the digits of small z.
    logged = do.plus(do("Log1p", do("Multiply", z, 1 / 7.5)), float(np.log(7.5)))
    base = do("Subtract", do.plus(z, 0.5), do("TrueDivide", do.plus(z, 7.5), logged))
    large = do.plus(do("Multiply", base, logged), do("Log", series), float(0.5 * np.log(2 * np.pi)))
    return where(emitter, small, do("Subtract", _log_sine(emitter, tensor), large), large)


def _log_sine(emitter: Emitter, x: Any) -> Any:
    """ln(π / |sin πx|); the fraction of x alone matters to the sine, and keeps its digits."""
    do = _Calculator(emitter)
    size = do("Absolute", x)
    part = do("Subtract", size, do("Floor", size))
    near = do("Minimum", part, do("Subtract", 1.0, part))
    return do("Subtract", float(np.log(np.pi)), do("Log", do("Sin", do("Multiply", near, float(np.pi)))))


@symbol("tf.math.digamma")
def digamma(emitter: Emitter, x: Value, name: Value = None) -> Any:
    """ψ(x) for positive x: moved up by ten steps to where its series is exact.

    Left of zero it would need reflection, whose tangent loses all digits in float32.
    """
    tensor = _float32(emitter, x, "digamma")
    do = _Calculator(emitter)
    positive = elementwise(emitter, "numpy.Greater", tensor, 0.0, dtype="bool")
    steps = [do("Reciprocal", do.plus(tensor, float(i))) for i in range(1, 6)]
    steps.insert(0, do("Reciprocal", tensor))
    z = do.plus(tensor, 6.0)
    square = do("Reciprocal", do("Square", z))
    tail: Any = DIGAMMA[-1]
    for number in reversed(DIGAMMA[:-1]):
        tail = do.plus(do("Multiply", square, tail), number)
    tail = do.plus(do("Multiply", do("Reciprocal", z), 0.5), do("Multiply", square, tail))
    found = do("Subtract", do("Subtract", do("Log", z), tail), do.plus(*reversed(steps)))
    emitter.note("rebuilt", "digamma of positive numbers; of others it is NaN here")
    return where(emitter, positive, found, do("Multiply", found, float("nan")))


@symbol("tf.math.lbeta")
def lbeta(emitter: Emitter, x: Value, name: Value = None) -> Any:
    """Σ ln Γ(x) - ln Γ(Σ x) over the last axis."""
    tensor = _float32(emitter, x, "lbeta")
    parts = reduce(emitter, "Sum", lgamma(emitter, tensor), -1, False)
    return elementwise(emitter, "numpy.Subtract", parts, lgamma(emitter, reduce(emitter, "Sum", tensor, -1, False)))


@symbol("tf.math.polyval")
def polyval(emitter: Emitter, coeffs: Value, x: Value, name: Value = None) -> Any:
    """Horner's rule, highest power first."""
    items = list(coeffs) if isinstance(coeffs, (list, tuple, np.ndarray)) else [coeffs]
    if not items:
        return elementwise(emitter, "numpy.Multiply", x, 0.0)
    found: Any = items[0]
    for item in items[1:]:
        found = add_tensors(emitter, elementwise(emitter, "numpy.Multiply", found, x), item)
    if not holds_runtime(found):
        raise emitter.refuse("a polynomial of constants")
    return found
