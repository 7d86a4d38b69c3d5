"""How functions of TensorFlow are told of windows: strides, formats, paddings; nn_ops.py `_get_sequence`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from k2to3.proof.keras2.ops.values import ints
from k2to3.proof.keras2.tensor import Array
from k2to3.proof.keras2.windows import Window, window


def channels_first(data_format: Any) -> bool:
    """
    Raises:
        ValueError: neither `NHWC` nor `NCHW`, whatever the rank.
    """
    text = "" if data_format is None else str(data_format)
    if text not in ("", "NWC", "NHWC", "NDHWC", "NCW", "NCHW", "NCDHW"):
        raise ValueError(f"data_format={data_format!r}")
    return text.startswith("NC")


def last(x: Array, data_format: Any) -> Array:
    return np.moveaxis(x, 1, -1) if channels_first(data_format) else x


def back(x: Array, data_format: Any) -> Array:
    return np.moveaxis(x, -1, 1) if channels_first(data_format) else x


def each(value: Any, rank: int, data_format: Any = None) -> list[int]:
    """One for each spatial axis, of one number, of one for each of them, or of one for each axis.

    Raises:
        ValueError: the batch or the channels would be windowed.
    """
    found = [1] if value is None else ints(value)
    if len(found) == 1:
        return found * rank
    if len(found) == rank:
        return found
    spatial = slice(2, None) if channels_first(data_format) else slice(1, -1)
    inner = found[spatial]
    if len(found) != rank + 2 or sorted(found) != sorted([1, 1, *inner]):
        raise ValueError(f"{value!r} for {rank} axes")
    return inner


def windows_of(lengths: Sequence[int], sizes: Any, strides: Any, dilations: Any, padding: str) -> list[Window]:
    geometry = zip(lengths, sizes, strides, dilations, strict=True)
    return [window(n, k, s, d, padding.lower(), False) for n, k, s, d in geometry]


def explicitly(x: Array, padding: Any, fill: float, data_format: Any = None) -> tuple[Array, str]:
    """With the margins that were given, if they were; `x` has its channels last, `padding` is in the data format."""
    if isinstance(padding, str):
        return x, padding
    around = np.asarray(padding, dtype=int).reshape(-1, 2).tolist()
    if len(around) != x.ndim:
        raise ValueError(f"padding={padding!r}")
    if channels_first(data_format):
        around = [around[0], *around[2:], around[1]]
    return np.pad(x, around, constant_values=fill), "VALID"
