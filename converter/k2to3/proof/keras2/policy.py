"""Dtype policies: which float type a layer computes in, and what tf.keras casts on the way in.

tf.keras casts float inputs to the compute dtype of a layer (`autocast`) since TensorFlow 2.0; before,
and in multi-backend Keras, `dtype` only named the type of the weights. TensorFlow's `base_layer.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.proof.keras2.tensor import Array, floating

HALF = ("float16", "bfloat16")


def compute_dtype(value: Any) -> str | None:
    """The compute dtype of the `dtype` of a config: a name, a policy, or None."""
    while isinstance(value, dict):
        inner = value.get("config")
        value = inner.get("name") if isinstance(inner, dict) else None
    if not isinstance(value, str):
        return None
    return value.removeprefix("mixed_") if value.startswith("mixed_") else value


def rounded(value: Array, dtype: str | None) -> Array:
    """Rounded to half precision and back; other types are left alone."""
    if dtype not in HALF or not floating(value):
        return value
    if dtype == "float16":
        return value.astype(np.float16).astype(value.dtype)
    return bfloat16(value.astype(np.float32)).astype(value.dtype)


def bfloat16(value: Array) -> Array:
    """To the nearest number with 8 bits of mantissa, ties to even."""
    bits = np.ascontiguousarray(value, np.float32).view(np.uint32)
    nearest = (bits + (0x7FFF + ((bits >> 16) & 1))) & 0xFFFF0000
    return np.where(np.isfinite(value), nearest.astype(np.uint32).view(np.float32), value)
