"""Products of matrices and their decompositions."""

from __future__ import annotations

from k2to3.errors import BadConfig
from k2to3.keras3.ops.values import Specs, Value, common, floating, shape_of
from k2to3.keras3.tensor import Builder, Tensor
from k2to3.keras3.types import Extent, Shape, Spec, agreed, broadcast, fit


def product(x: Value, y: Value) -> Spec:
    first, second = shape_of(x), shape_of(y)
    if min(len(first), len(second)) < 2 or not fit(first[-1], second[-2]):
        raise BadConfig(f"the product of shapes {first} and {second}")
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
    return squares(x), floating(x)


def squares(x: Value) -> Shape:
    """The shape of matrices with as many rows as columns.

    Raises:
        BadConfig: they have not.
    """
    shape = shape_of(x)
    if len(shape) < 2 or not fit(shape[-1], shape[-2]):
        raise BadConfig(f"square matrices are asked for, and the shape is {shape}")
    return shape


def determinant(x: Value) -> Spec:
    return squares(x)[:-2], floating(x)


def determinant_log(x: Value) -> list[Spec]:
    return [determinant(x)] * 2


def eigen(x: Value) -> list[Spec]:
    return [(squares(x)[:-1], floating(x)), square(x)]


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
    """Both have the same matrices' axes: what solves for vectors is written with one column."""
    first, second = squares(a), shape_of(b)
    if len(second) not in (len(first), len(first) - 1):
        raise BadConfig(f"equations of shapes {first} and {second}")
    rows = -1 if len(second) < len(first) else -2
    agreed([first[: len(second) + rows], second[: len(second) + rows]])
    if first[-2] != second[rows]:
        # Keras 3 does not take an extent that is not known for one that is.
        raise BadConfig(f"equations of shapes {first} and {second}")
    return second, floating(a, b)


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
