"""`keras.backend`: sums, means, extremes and products over axes."""

from __future__ import annotations

from typing import Any

from k2to3.functions import casting, reductions, sorting
from k2to3.functions.dtypes import dtype_of
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.values import Value

symbol = Family()


def _floats(emitter: Emitter, x: Value) -> Any:
    """Keras 2 turns booleans into floats before it averages."""
    return casting.cast(emitter, x, "float32") if dtype_of(x) == "bool" else x


@symbol("K.mean")
def mean(emitter: Emitter, x: Value, axis: Value = None, keepdims: Value = False) -> Any:
    return reductions.reduce_mean(emitter, _floats(emitter, x), axis, keepdims)


@symbol("K.sum")
def total(emitter: Emitter, x: Value, axis: Value = None, keepdims: Value = False) -> Any:
    return reductions.reduce(emitter, "Sum", x, axis, keepdims)


@symbol("K.max")
def maximum_of(emitter: Emitter, x: Value, axis: Value = None, keepdims: Value = False) -> Any:
    return reductions.reduce(emitter, "Max", x, axis, keepdims)


@symbol("K.min")
def minimum_of(emitter: Emitter, x: Value, axis: Value = None, keepdims: Value = False) -> Any:
    return reductions.reduce(emitter, "Min", x, axis, keepdims)


@symbol("K.prod")
def product_of(emitter: Emitter, x: Value, axis: Value = None, keepdims: Value = False) -> Any:
    return reductions.reduce(emitter, "Prod", x, axis, keepdims)


@symbol("K.any")
def any_of(emitter: Emitter, x: Value, axis: Value = None, keepdims: Value = False) -> Any:
    return reductions.reduce(emitter, "Any", casting.cast(emitter, x, "bool"), axis, keepdims, "bool")


@symbol("K.all")
def all_of(emitter: Emitter, x: Value, axis: Value = None, keepdims: Value = False) -> Any:
    return reductions.reduce(emitter, "All", casting.cast(emitter, x, "bool"), axis, keepdims, "bool")


@symbol("K.var")
def variance(emitter: Emitter, x: Value, axis: Value = None, keepdims: Value = False) -> Any:
    return reductions.reduce_variance(emitter, _floats(emitter, x), axis, keepdims)


@symbol("K.std")
def deviation(emitter: Emitter, x: Value, axis: Value = None, keepdims: Value = False) -> Any:
    return reductions.reduce_std(emitter, _floats(emitter, x), axis, keepdims)


@symbol("K.logsumexp")
def logsumexp(emitter: Emitter, x: Value, axis: Value = None, keepdims: Value = False) -> Any:
    return reductions.reduce_logsumexp(emitter, x, axis, keepdims)


@symbol("K.argmax")
def argmax(emitter: Emitter, x: Value, axis: Value = -1) -> Any:
    return sorting.argmax(emitter, x, axis)


@symbol("K.argmin")
def argmin(emitter: Emitter, x: Value, axis: Value = -1) -> Any:
    return sorting.argmin(emitter, x, axis)


@symbol("K.l2_normalize")
def l2_normalize(emitter: Emitter, x: Value, axis: Value = None) -> Any:
    return reductions.l2_normalize(emitter, x, axis)


@symbol("K.cumsum")
def cumsum(emitter: Emitter, x: Value, axis: Value = 0) -> Any:
    return reductions.cumsum(emitter, x, axis)


@symbol("K.cumprod")
def cumprod(emitter: Emitter, x: Value, axis: Value = 0) -> Any:
    return reductions.cumprod(emitter, x, axis)
