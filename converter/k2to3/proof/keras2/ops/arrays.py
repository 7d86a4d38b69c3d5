"""What works on whole tensors: the functions, and under which names `tf` has them."""

from __future__ import annotations

from collections.abc import Mapping

from k2to3.proof.keras2.ops import (
    complex,
    counting,
    diagonals,
    gathering,
    linear_systems,
    making,
    scattering,
    segments,
    sequences,
    signal,
    sorting,
)
from k2to3.proof.keras2.ops.arithmetic import Op

ARRAYS: tuple[tuple[Mapping[str, Op], Mapping[str, str]], ...] = (
    (complex.OPS, complex.NAMES),
    (counting.OPS, counting.NAMES),
    (diagonals.OPS, diagonals.NAMES),
    (gathering.OPS, gathering.NAMES),
    (linear_systems.OPS, linear_systems.NAMES),
    (making.OPS, making.NAMES),
    (scattering.OPS, scattering.NAMES),
    (segments.OPS, segments.NAMES),
    (sequences.OPS, sequences.NAMES),
    (signal.OPS, signal.NAMES),
    (sorting.OPS, sorting.NAMES),
)
