"""Functions that NumPy has not: lgamma, digamma, the inverses of erf; core/kernels/cwise_op_*.cc."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from k2to3.proof.keras2.ops.arithmetic import Op, elementwise
from k2to3.proof.keras2.ops.values import tensor
from k2to3.proof.keras2.tensor import Array


def _each(function: Callable[[float], float]) -> Callable[[Array], Array]:
    whole = np.frompyfunc(function, 1, 1)
    return lambda x: np.asarray(whole(x.astype(np.float64)), dtype=np.float64)


def _lgamma(x: float) -> float:
    return math.inf if x <= 0 and x == math.floor(x) else math.lgamma(x)


def _digamma(x: float) -> float:
    """By recurrence to where the asymptotic series is exact; at a pole no number (TensorFlow 2.4: an infinite one)."""
    if math.isnan(x) or x == math.inf:
        return x
    if x <= 0:
        if x == -math.inf or x == math.floor(x):
            return math.nan
        return _digamma(1 - x) - math.pi / math.tan(math.pi * (x - math.floor(x)))
    found = 0.0
    while x < 10:
        found -= 1 / x
        x += 1
    square = 1 / (x * x)
    series = square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square * (1 / 240 - square / 132))))
    return found + math.log(x) - 0.5 / x - series


def _ndtri(p: float) -> float:
    """The quantile of the normal distribution: bisected on the tail, where nothing cancels."""
    if math.isnan(p) or p < 0 or p > 1:
        raise ValueError("outside of its domain: inf or nan by the generation of TensorFlow")
    if p == 0.5:
        return 0.0
    if p in (0, 1):
        return math.inf if p else -math.inf
    tail = min(p, 1 - p)
    found = _solved(lambda y: 0.5 * math.erfc(y / math.sqrt(2)) - tail, 0.0, 40.0)
    return found if p > 0.5 else -found


def _erfinv(x: float) -> float:
    if math.isnan(x) or abs(x) > 1:
        raise ValueError("outside of its domain: inf or nan by the generation of TensorFlow")
    if abs(x) == 1:
        return math.copysign(math.inf, x)
    size = abs(x)
    return math.copysign(_solved(lambda y: math.erfc(y) - (1 - size), 0.0, 10.0), x) if size else x


def _solved(falling: Callable[[float], float], low: float, high: float) -> float:
    while True:
        middle = (low + high) / 2
        if middle in (low, high):
            return middle
        low, high = (middle, high) if falling(middle) > 0 else (low, middle)


def _erfcinv(x: float) -> float:
    return -_ndtri(0.5 * x) * math.sqrt(0.5)


def lbeta(x: Any) -> Array:
    x = tensor(x)
    gammas = _each(_lgamma)
    return np.asarray(np.sum(gammas(x), axis=-1) - gammas(np.sum(x, axis=-1))).astype(x.dtype)


OPS: dict[str, Op] = {
    "acosh": elementwise(np.arccosh),
    "asinh": elementwise(np.arcsinh),
    "atanh": elementwise(np.arctanh),
    "erfc": elementwise(_each(math.erfc)),
    "lgamma": elementwise(_each(_lgamma)),
    "digamma": elementwise(_each(_digamma)),
    "ndtri": elementwise(_each(_ndtri)),
    "erfinv": elementwise(_each(_erfinv)),
    "erfcinv": elementwise(_each(_erfcinv)),
    "lbeta": lbeta,
}
