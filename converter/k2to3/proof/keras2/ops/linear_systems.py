"""Systems of equations and what is unique of decompositions: tensorflow/python/ops/linalg_ops.py.

Vectors of svd, eigh and qr are unique up to their signs, and every library chooses its own: no entry.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.proof.keras2.ops.arithmetic import Op
from k2to3.proof.keras2.ops.diagonals import adjoint as adjoint_of
from k2to3.proof.keras2.ops.values import axes, beside, tensor
from k2to3.proof.keras2.ops.values import tensor as as_tensor
from k2to3.proof.keras2.tensor import Array


def _solved(matrix: Array, rhs: Array) -> Array:
    if matrix.ndim != rhs.ndim:
        raise ValueError(f"solve of ranks {matrix.ndim} and {rhs.ndim}")
    return np.asarray(np.linalg.solve(matrix, rhs))


def solve(matrix: Any, rhs: Any, adjoint: bool = False) -> Array:
    matrix = beside(matrix, rhs)
    return _solved(adjoint_of(matrix) if adjoint else matrix, beside(rhs, matrix))


def triangular_solve(matrix: Any, rhs: Any, lower: bool = True, adjoint: bool = False) -> Array:
    """The other triangle is not read."""
    matrix = beside(matrix, rhs)
    half = np.tril(matrix) if lower else np.triu(matrix)
    return _solved(adjoint_of(half) if adjoint else half, beside(rhs, matrix))


def cholesky(input: Any) -> Array:
    """Of the lower triangle."""
    return np.asarray(np.linalg.cholesky(tensor(input)))


def cholesky_solve(chol: Any, rhs: Any) -> Array:
    half = np.tril(beside(chol, rhs))
    return triangular_solve(half, triangular_solve(half, rhs), adjoint=True)


def inv(input: Any, adjoint: bool = False) -> Array:
    x = tensor(input)
    return np.asarray(np.linalg.inv(adjoint_of(x) if adjoint else x))


def det(input: Any) -> Array:
    return np.asarray(np.linalg.det(tensor(input)))


def slogdet(input: Any) -> list[Array]:
    """The sign and the logarithm of the absolute value."""
    sign, logarithm = np.linalg.slogdet(_real(input))
    return [np.asarray(sign), np.asarray(logarithm)]


def logdet(matrix: Any) -> Array:
    """Of a positive definite matrix, by its Cholesky factor."""
    factor = np.diagonal(np.linalg.cholesky(tensor(matrix)), axis1=-2, axis2=-1)
    return np.asarray(2 * np.sum(np.log(np.real(factor)), axis=-1))


def eigvalsh(tensor: Any) -> Array:
    return np.asarray(np.linalg.eigvalsh(_real(tensor)))


def svd(tensor: Any, full_matrices: bool = False, compute_uv: bool = True) -> Array:
    if compute_uv:
        raise ValueError("the vectors of svd have no unique sign")
    return np.asarray(np.linalg.svd(_real(tensor), compute_uv=False))


def _real(value: Any) -> Array:
    x = tensor(value)
    if x.dtype.kind == "c":
        raise ValueError("complex matrices")
    return x


def norm(
    tensor: Any, ord: Any = "euclidean", axis: Any = None, keepdims: Any = None, *, keep_dims: Any = None
) -> Array:
    """Of vectors along an axis, of all elements, or of matrices along two axes."""
    x, along = as_tensor(tensor), axes(axis)
    keep = bool(keepdims or keep_dims)
    matrices = along is not None and len(along) == 2
    size = np.abs(x)
    if ord == "euclidean" or (ord == "fro" and matrices) or (ord == 2 and not matrices):
        return np.asarray(np.sqrt(np.sum(np.square(size), axis=along, keepdims=keep)))
    if matrices or isinstance(ord, str):
        raise ValueError(f"ord={ord!r} along {axis!r}")
    if ord == np.inf:
        return np.asarray(np.max(size, axis=along, keepdims=keep))
    power = size.dtype.type(ord)
    return np.asarray(np.sum(size**power, axis=along, keepdims=keep) ** (1 / power)).astype(size.dtype)


def normalize(tensor: Any, ord: Any = "euclidean", axis: Any = None) -> list[Array]:
    """The tensor by its norm, and the norm with its axes kept."""
    size = norm(tensor, ord, axis, keepdims=True)
    return [np.asarray(as_tensor(tensor) / size), size]


def global_norm(t_list: list[Any]) -> Array:
    squares = [np.sum(np.square(np.abs(tensor(t)))) for t in t_list if t is not None]
    return np.asarray(np.sqrt(sum(squares[1:], start=squares[0])))


OPS: dict[str, Op] = {
    "solve": solve,
    "triangular_solve": triangular_solve,
    "cholesky": cholesky,
    "cholesky_solve": cholesky_solve,
    "inv": inv,
    "det": det,
    "slogdet": slogdet,
    "logdet": logdet,
    "eigvalsh": eigvalsh,
    "svd": svd,
    "norm": norm,
    "normalize": normalize,
    "global_norm": global_norm,
}
NAMES = {
    **{f"linalg.{name}": name for name in OPS},
    **{name: name for name in ("cholesky", "cholesky_solve", "norm", "global_norm", "svd")},
    "compat.v1.norm": "norm",
    "compat.v1.linalg.norm": "norm",
    "self_adjoint_eigvals": "eigvalsh",
    "matrix_determinant": "det",
    "matrix_inverse": "inv",
    "matrix_solve": "solve",
    "matrix_triangular_solve": "triangular_solve",
}
