"""The dtype of what is computed from several: Keras 3's lattice, the same from 3.3 to 3.15.

Source: keras/src/backend/common/dtypes.py. `int` and `float` stand for Python's numbers, which
give way to any dtype of their kind.
"""

from __future__ import annotations

from functools import cache

# Each to the next higher ones.
HIGHER: dict[str, tuple[str, ...]] = {
    "bool": ("int",),
    "int": ("uint8", "int8"),
    "uint8": ("int16", "uint16"),
    "uint16": ("int32", "uint32"),
    "uint32": ("int64", "uint64"),
    "uint64": ("float",),
    "int8": ("int16",),
    "int16": ("int32",),
    "int32": ("int64",),
    "int64": ("float",),
    "float": ("bfloat16", "float16"),
    "bfloat16": ("float32",),
    "float16": ("float32",),
    "float32": ("float64",),
    "float64": (),
}
WEAK = {"int": "int32", "float": "float32"}


@cache
def result_type(*dtypes: str) -> str:
    """The least dtype that holds all of `dtypes`; one alone is itself, strings included."""
    kinds = set(dtypes)
    if len(kinds) == 1:
        found = kinds.pop()
    else:
        common = frozenset.intersection(*(_above(kind) for kind in kinds))
        found = min(common & kinds or common, key=lambda kind: -len(_above(kind)))
    return WEAK.get(found, found)


@cache
def _above(dtype: str) -> frozenset[str]:
    return frozenset({dtype}).union(*(_above(higher) for higher in HIGHER[dtype]))
