"""Complex numbers: tensorflow/python/ops/math_ops.py."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.proof.keras2.ops.arithmetic import Op
from k2to3.proof.keras2.ops.values import beside, tensor
from k2to3.proof.keras2.tensor import Array


def complex_of(dtype: np.dtype[Any]) -> np.dtype[Any]:
    return np.dtype("complex128" if dtype in (np.float64, np.complex128) else "complex64")


def make(real: Any, imag: Any) -> Array:
    real = beside(real, imag)
    imag = beside(imag, real)
    return np.asarray(real + 1j * imag).astype(complex_of(real.dtype))


def real(input: Any) -> Array:
    return np.asarray(np.real(tensor(input)))


def imag(input: Any) -> Array:
    return np.asarray(np.imag(tensor(input)))


def conj(x: Any) -> Array:
    return np.asarray(np.conj(tensor(x)))


def angle(input: Any) -> Array:
    """Of negative numbers π; before TensorFlow 2.4, which wrote no layer of that name, 0."""
    x = tensor(input)
    if x.dtype.kind not in "fc":
        raise ValueError("the angle of whole numbers")
    return np.asarray(np.angle(x)).astype(np.real(x).dtype)


OPS: dict[str, Op] = {"complex": make, "real": real, "imag": imag, "conj": conj, "angle": angle}
NAMES = {
    **{f"{prefix}{name}": name for name in ("real", "imag", "conj", "angle") for prefix in ("math.", "")},
    "complex": "complex",
    "dtypes.complex": "complex",
}
