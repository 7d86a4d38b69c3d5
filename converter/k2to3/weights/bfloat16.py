"""bfloat16 without a bfloat16 type: NumPy has none, HDF5 stores two opaque bytes."""

from __future__ import annotations

import numpy as np

from k2to3.sources.tensors import Array


def to_float32(value: Array) -> Array:
    """Widen 16-bit patterns; exact. `value` has any 2-byte dtype."""
    bits = np.ascontiguousarray(value).view(np.uint16).astype(np.uint32) << 16
    return bits.view(np.float32)


def to_bfloat16(value: Array) -> Array:
    """Round float32 to the nearest bfloat16 (ties to even), as `uint16` patterns."""
    single = np.ascontiguousarray(value, dtype=np.float32)
    bits = single.view(np.uint32)
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
    return np.where(np.isnan(single), (bits >> 16) | 0x40, rounded).astype(np.uint16)
