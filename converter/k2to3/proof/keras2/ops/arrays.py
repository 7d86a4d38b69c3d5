"""What works on whole tensors: the functions, and under which names `tf` has them."""

from __future__ import annotations

from collections.abc import Mapping

from k2to3.proof.keras2.ops import (
    assertions,
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

# Before TensorFlow 1.0, or by the name of the node.
OLD_NAMES = {
    "add_v2": "add",
    "pack": "stack",
    "unpack": "unstack",
    "reverse_v2": "reverse",
    "shape_v2": "shape",
    "floor_div": "floordiv",
    "compat.v1.arg_max": "argmax",
    "compat.v1.arg_min": "argmin",
    "compat.v1.argmin": "argmin",
    "compat.v1.math.argmax": "argmax",
    "compat.v1.math.argmin": "argmin",
}
ARRAYS: tuple[tuple[Mapping[str, Op], Mapping[str, str]], ...] = (
    (assertions.OPS, assertions.NAMES),
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
    ({}, OLD_NAMES),
)
