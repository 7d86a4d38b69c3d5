"""The closed list of functions: of TensorFlow, Keras 2, NumPy, Python and Keras 3 that have an equivalent here.

A function of a family module (`arithmetic`, `shaping`, ...) stands in the family's own table under
the symbols that it means; all tables are joined here, once, and cannot be changed after.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from k2to3.functions import complex, keras_ops, keras_ops_shaping, operators, signal
from k2to3.functions.componentwise import componentwise
from k2to3.functions.entries import Entry, entries, look_up
from k2to3.functions.families import FUNCTIONS

REAL: Mapping[str, Entry] = MappingProxyType(
    {**FUNCTIONS, **entries(operators.symbol, keras_ops.symbol, keras_ops_shaping.symbol)}
)
# For calls of which an argument is complex.
COMPLEX: Mapping[str, Entry] = MappingProxyType(
    {**componentwise(REAL), **entries(complex.complex_symbol, signal.complex_symbol)}
)


def registry() -> Mapping[str, Entry]:
    """All functions by full symbol."""
    return REAL


def find(name: str, complex_arguments: bool = False) -> Entry | None:
    """The entry of a symbol in any of its spellings; None where there is no equivalent."""
    return look_up(name, COMPLEX if complex_arguments else REAL)
