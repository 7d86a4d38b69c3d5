"""Real and imaginary part: what a complex tensor is here."""

from __future__ import annotations

import numpy as np

from k2to3.functions.emitter import Emitter
from k2to3.functions.operands import as_tensor
from k2to3.functions.values import Complex, Value


def parts(value: Value) -> tuple[Value, Value]:
    """Real and imaginary part of any value."""
    if isinstance(value, Complex):
        return value.real, value.imag
    if isinstance(value, (complex, np.complexfloating)):
        return float(value.real), float(value.imag)
    if isinstance(value, np.ndarray) and value.dtype.kind == "c":
        return value.real, value.imag
    return value, 0.0


def as_complex(emitter: Emitter, value: Value) -> Complex:
    """A value with both parts written out, as a Fourier transform takes it."""
    if isinstance(value, Complex):
        return value
    tensor = as_tensor(emitter, value)
    return Complex(tensor, emitter.op("numpy.ZerosLike", tensor))
