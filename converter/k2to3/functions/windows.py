"""What convolutions and pooling share: strides and windows, the place of channels, padding."""

from __future__ import annotations

from typing import Any

from k2to3.functions.arguments import integers
from k2to3.functions.emitter import Emitter
from k2to3.functions.operands import shape_of
from k2to3.functions.padding import pad
from k2to3.functions.shaping import transpose
from k2to3.functions.values import Value


def spatial(emitter: Emitter, value: Value, rank: int, what: str, channels_first: bool = False) -> list[int]:
    """`2`, `[2, 2]` or `[1, 2, 2, 1]` → one number for each spatial axis."""
    if value is None:
        return [1] * rank
    found = integers(emitter, value, what)
    if len(found) == 1:
        return found * rank
    if len(found) == rank + 2:
        inner = found[2:] if channels_first else found[1:-1]
        if any(n != 1 for n in (found[0], found[1] if channels_first else found[-1])):
            raise emitter.refuse(f"{what} {found} over batch or channels")
        return inner
    if len(found) != rank:
        raise emitter.refuse(f"{what} {found} for {rank} spatial axes")
    return found


def channels_first(data_format: Value) -> bool:
    return str(data_format or "").upper() in ("NCHW", "NCW", "NCDHW", "CHANNELS_FIRST")


def to_last(emitter: Emitter, x: Value, first: bool) -> Any:
    rank = len(shape_of(x))
    return transpose(emitter, x, [0, *range(2, rank), 1]) if first else x


def to_first(emitter: Emitter, x: Value, first: bool) -> Any:
    rank = len(shape_of(x))
    return transpose(emitter, x, [0, rank - 1, *range(1, rank - 1)]) if first else x


def padding_of(emitter: Emitter, x: Value, padding: Value) -> tuple[Any, str]:
    """The input, padded where TensorFlow was given explicit widths, and valid or same."""
    if isinstance(padding, (list, tuple)):
        return pad(emitter, x, padding), "valid"
    found = str(padding).lower()
    if found not in ("valid", "same"):
        raise emitter.refuse(f"padding {padding!r}")
    return x, found
