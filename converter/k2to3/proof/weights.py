"""Level one: every variable on disk equals its expression over the checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from k2to3.archive.forms.form import Variable, Variables
from k2to3.archive.output import Output
from k2to3.archive.paths import Group
from k2to3.errors import NotEqual
from k2to3.sources.tensors import Array


@dataclass(frozen=True)
class WeightProof:
    """How many variables were compared; `copied` of them are bit-for-bit copies."""

    variables: int
    copied: int
    nbytes: int


def prove_weights(groups: Sequence[Group], output: Output) -> WeightProof:
    """Compare every variable of the files with what the plan says it is.

    Raises:
        NotEqual: a variable is missing, left over, or differs in one bit.
    """
    wanted = {variable.name: variable for variable in output.form.variables(groups)}
    with output.form.read(output.files, output.own) as found:
        names = found.names()
        if missing := sorted(wanted.keys() - names):
            raise NotEqual(f"variable {missing[0]} is missing", file=output.main)
        if extra := sorted(names - wanted.keys()):
            raise NotEqual(f"variable {extra[0]} is in no layer", file=output.main)
        for variable in wanted.values():
            _compare(variable, found, output.main)
    expressions = [variable.expression for variable in wanted.values()]
    return WeightProof(len(expressions), sum(e.exact for e in expressions), sum(e.nbytes for e in expressions))


def _compare(variable: Variable, found: Variables, file: str) -> None:
    expression, name = variable.expression, variable.name
    if found.shape(name) != tuple(expression.shape) or not found.holds(name, expression.dtype):
        raise NotEqual(f"{name} has shape {list(found.shape(name))}", file=file, layer=variable.layer)
    start = 0
    for piece in expression.rows():
        stop = start + (piece.shape[0] if piece.shape else 0)
        if not same_bits(piece, found.part(name, start, stop)):
            raise NotEqual(f"{name} differs from {expression}", file=file, layer=variable.layer)
        start = stop


def same_bits(left: Array, right: Array) -> bool:
    """Whether two arrays have the same shape and, element for element, the same bits."""
    if left.shape != right.shape or left.dtype.itemsize != right.dtype.itemsize:
        return False
    order = left.dtype.newbyteorder("=")
    kind = np.dtype(f"u{left.dtype.itemsize}")
    first = np.ascontiguousarray(left.astype(order, copy=False)).view(kind)
    second = np.ascontiguousarray(
        right if right.dtype.kind == "V" else right.astype(right.dtype.newbyteorder("="), copy=False)
    )
    return bool(np.array_equal(first, second.view(kind)))
