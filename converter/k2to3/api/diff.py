"""The verb diff: two files of weights, compared tensor by tensor."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import Unpack

from k2to3.api.reading import read_options
from k2to3.boundary import boundary
from k2to3.comparison.compare import compare
from k2to3.comparison.record import Comparison
from k2to3.comparison.sides import Planner, Side, Tensors, open_side
from k2to3.custom.session import opened_rules
from k2to3.errors import UsageError
from k2to3.options.words import DiffOptions, PathLike
from k2to3.publish.inputs import check_openable


def diff(
    a: PathLike,
    b: PathLike,
    **options: Unpack[DiffOptions],
) -> Comparison:
    """Compare two files: Keras 2 HDF5 or `.keras`, Keras 3 `.keras`, `.safetensors`, `.weights.h5`.

    Two files of the same layout are compared as they are, under their own names. Where they
    differ, a Keras 2 file is read as the variables it becomes in Keras 3. Optimizer state is
    left out. Memory stays bounded by the largest weight that conversion has to rearrange.

    `options`: see `k2to3.options.words.DiffOptions`; `tolerance` is the largest absolute difference
    that counts as equal, 0 asks for equal bits and types.

    Raises:
        K2to3Error: a file cannot be read, or a Keras 2 file has no Keras 3 form.
    """
    with boundary(os.fspath(a)):
        read = read_options(options, DiffOptions)
        check_openable([a, b])
        with opened_rules(read.model) as rules:
            return _diff(Path(a), Path(b), read.proof.tolerance or 0.0, Planner(rules, read))


def _diff(a: Path, b: Path, tolerance: float, planner: Planner) -> Comparison:
    if not tolerance >= 0:
        raise UsageError(f"tolerance {tolerance} is not a number from 0 on")
    with ExitStack() as stack:
        sides = [open_side(path, planner, stack) for path in (a, b)]
        by, (first, second) = _tensors(*sides)
        both = [name for name in first if name in second]
        tensors = [compare(first[name], second[name], tolerance) for name in both]
        only_a = [name for name in first if name not in second]
        only_b = [name for name in second if name not in first]
    equal = all(item.equal for item in tensors) and not only_a and not only_b
    return Comparison(str(a), str(b), by, equal, tolerance, tensors, only_a, only_b)


def _tensors(a: Side, b: Side) -> tuple[str, tuple[Tensors, Tensors]]:
    if a.layout == b.layout:
        first, second = a.raw(), b.raw()
        # Keras 2.12 and 2.13 name their paths otherwise than 2.14 and later.
        if a.layout != "keras2" or not first.keys().isdisjoint(second):
            return ("names" if a.layout == "names" else "paths"), (first, second)
    return "paths", (_as_keras3(a), _as_keras3(b))


def _as_keras3(side: Side) -> Tensors:
    return side.raw() if side.planned is None else side.planned()
