"""The verb diff: two files of weights, compared tensor by tensor."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from k2to3.boundary import boundary
from k2to3.comparison.compare import Difference, compare
from k2to3.comparison.sides import Side, Tensors, open_side
from k2to3.custom.session import customised
from k2to3.errors import UsageError
from k2to3.limits import Limits, read_limits
from k2to3.publish.inputs import check_openable

PathLike = str | os.PathLike[str]
SCHEMA = "k2to3-diff-1"


@dataclass(frozen=True)
class Comparison:
    """How two files compare.

    `by` says under which names: `names` (layer and weight of Keras 2) or `paths` (of Keras
    3's weights file). `equal`: every tensor is in both and equal.
    """

    a: str
    b: str
    by: str
    equal: bool
    tolerance: float
    tensors: list[Difference] = field(default_factory=list)
    only_in_a: list[str] = field(default_factory=list)
    only_in_b: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """The record as JSON, after `schemas/diff.schema.json`."""
        return {"schema": SCHEMA, **asdict(self)}


def diff(
    a: PathLike,
    b: PathLike,
    *,
    tolerance: float = 0.0,
    architecture: PathLike | None = None,
    rules: Sequence[PathLike] | PathLike = (),
    treat_as: Mapping[str, str] | Sequence[str] = (),
    custom_objects: PathLike | None = None,
    limits: Mapping[str, int | str] | Sequence[str] = (),
) -> Comparison:
    """Compare two files: Keras 2 HDF5 or `.keras`, Keras 3 `.keras`, `.safetensors`, `.weights.h5`.

    Two files of the same layout are compared as they are, under their own names. Where they
    differ, a Keras 2 file is read as the variables it becomes in Keras 3. Optimizer state is
    left out. Memory stays bounded by the largest weight that conversion has to rearrange.

    Args:
        tolerance: largest absolute difference that counts as equal; 0 asks for equal bits
            and types.
        architecture: of a weights-only Keras 2 file (see `convert`).

    Raises:
        K2to3Error: a file cannot be read, or a Keras 2 file has no Keras 3 form.
    """
    own = customised(rules=rules, treat_as=treat_as, custom_objects=custom_objects)
    with boundary(os.fspath(a)), own:
        check_openable([a, b])
        given = None if architecture is None else Path(architecture)
        return _diff(Path(a), Path(b), tolerance, given, read_limits(limits))


def _diff(a: Path, b: Path, tolerance: float, architecture: Path | None, limits: Limits) -> Comparison:
    if not tolerance >= 0:
        raise UsageError(f"tolerance {tolerance} is not a number from 0 on")
    with ExitStack() as stack:
        sides = [open_side(path, architecture, stack, limits) for path in (a, b)]
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
