"""Dtype policies."""

from __future__ import annotations

FLOATS = frozenset({"float16", "float32", "float64", "bfloat16"})


def compute_dtype(policy: str | None) -> str:
    """The dtype a layer computes in (`mixed_float16` → `float16`)."""
    if policy is None:
        return "float32"
    return policy.removeprefix("mixed_")
