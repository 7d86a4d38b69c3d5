"""Fourier transforms, frames of a signal."""

from __future__ import annotations

from k2to3.keras3.ops.values import Specs, Value, common, replaced, shape_of
from k2to3.keras3.types import Spec


def frames(x: Value, *, sequence_length: int, sequence_stride: int) -> Spec:
    *front, points = shape_of(x)
    count = None if points is None else 1 + (points - sequence_length) // sequence_stride
    return (*front, count, sequence_length), common(x)


def of_real(x: Value, *, fft_length: int | None = None) -> list[Spec]:
    shape = shape_of(x)
    points = shape[-1] if fft_length is None else fft_length
    found = replaced(shape, len(shape) - 1, None if points is None else points // 2 + 1)
    return [(found, common(x))] * 2


def to_real(parts: list[Value], *, fft_length: int | None = None) -> Spec:
    shape = shape_of(parts[0])
    points = shape[-1]
    found = fft_length if fft_length is not None else None if points is None else 2 * (points - 1)
    return replaced(shape, len(shape) - 1, found), common(*parts)


def of_complex(parts: list[Value]) -> list[Spec]:
    return [(shape_of(part), common(part)) for part in parts]


SPECS: Specs = {"math.ExtractSequences": frames, "math.IRFFT": to_real}
