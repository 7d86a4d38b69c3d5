"""Products of matrices and their decompositions."""

from __future__ import annotations

from k2to3.errors import BadConfig
from k2to3.keras3.ops.values import Extent, Specs, Value, common, floating, shape_of
from k2to3.keras3.tensor import Builder, Tensor
from k2to3.keras3.types import Shape, Spec, broadcast


def product(x: Value, y: Value) -> Spec:
    first, second = shape_of(x), shape_of(y)
    return (*broadcast([first[:-2], second[:-2]]), first[-2], second[-1]), common(x, y)


def einsum_of(*values: Value, subscripts: str) -> Spec:
    inputs, output = subscripts.replace(" ", "").split("->")
    found: dict[str, Extent] = {}
    spread: list[Shape] = []
    for term, value in zip(inputs.split(","), values, strict=True):
        shape = shape_of(value)
        head, _, tail = term.partition("...")
        middle = len(shape) - len(head) - len(tail)
        spread.append(shape[len(head) : len(head) + middle])
        for letter, extent in [*zip(head, shape, strict=False), *zip(tail, shape[len(head) + middle :], strict=True)]:
            found[letter] = _agreed(found.get(letter), extent, subscripts)
    head, dots, tail = output.partition("...")
    between = broadcast(spread) if dots else ()
    return (*(found[x] for x in head), *between, *(found[x] for x in tail)), common(*values)


def _agreed(old: Extent, new: Extent, subscripts: str) -> Extent:
    if None in (old, new) or 1 in (old, new) or old == new:
        return new if old is None or old == 1 else old
    raise BadConfig(f"extents {old} and {new} under one letter of {subscripts!r}")


def square(x: Value, **settings: Value) -> Spec:
    return shape_of(x), floating(x)


def determinant(x: Value) -> Spec:
    return shape_of(x)[:-2], floating(x)


def determinant_log(x: Value) -> list[Spec]:
    return [determinant(x)] * 2


def eigen(x: Value) -> list[Spec]:
    return [(shape_of(x)[:-1], floating(x)), square(x)]


def orthogonal(x: Value, *, mode: str = "reduced") -> list[Spec]:
    *batch, rows, columns = shape_of(x)
    inner = rows if mode == "complete" else _least(rows, columns)
    return [((*batch, rows, inner), floating(x)), ((*batch, inner, columns), floating(x))]


def singular(x: Value, *, full_matrices: bool = True, compute_uv: bool = False) -> Spec:
    """The values alone."""
    assert not compute_uv
    *batch, rows, columns = shape_of(x)
    return (*batch, _least(rows, columns)), floating(x)


def _least(rows: Extent, columns: Extent) -> Extent:
    return None if rows is None or columns is None else min(rows, columns)


def solution(a: Value, b: Value, **settings: Value) -> Spec:
    return shape_of(b), floating(a, b)


SPECS: Specs = {
    "linalg.Cholesky": square,
    "linalg.Det": determinant,
    "linalg.Inv": square,
    "linalg.SVD": singular,
    "linalg.Solve": solution,
    "linalg.SolveTriangular": solution,
    "numpy.Einsum": einsum_of,
    "numpy.Matmul": product,
}


def einsum(graph: Builder, subscripts: str, *values: Tensor, name: str | None = None) -> Tensor:
    return graph.op("numpy.Einsum", *values, config={"subscripts": subscripts}, name=name)
