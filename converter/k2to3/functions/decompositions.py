"""Factors of matrices. Eigen- and singular vectors have no sign of their own: who uses them is refused."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.functions.arguments import known_extent
from k2to3.functions.arithmetic import add_tensors
from k2to3.functions.dtypes import dtype_of
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.linalg import diag_part, matrix_transpose
from k2to3.functions.operands import as_tensor, elementwise, operand
from k2to3.functions.reductions import reduce
from k2to3.functions.shaping import expand_dims, swapped
from k2to3.functions.values import Unknowable, Value
from k2to3.keras3.graph import Tensor

symbol = Family()

VECTORS = Unknowable("eigen- and singular vectors, whose signs differ from backend to backend")


def _mirrored(emitter: Emitter, matrix: Value) -> Tensor:
    """The lower triangle on both sides: TensorFlow reads no other, JAX the mean of both."""
    tensor = as_tensor(emitter, matrix)
    size = known_extent(emitter, tensor, -1)
    lower = np.tril(np.ones((size, size), bool))
    return emitter.op("numpy.Where", lower, tensor, swapped(emitter, tensor))


@symbol("tf.linalg.cholesky")
def cholesky(emitter: Emitter, input: Value, name: Value = None) -> Any:
    tensor = _mirrored(emitter, input)
    return emitter.op("linalg.Cholesky", tensor, config={"upper": False})


@symbol("tf.linalg.logdet")
def logdet(emitter: Emitter, matrix: Value, name: Value = None) -> Any:
    """From the Cholesky factor, as TensorFlow computes it."""
    logs = elementwise(emitter, "numpy.Log", diag_part(emitter, cholesky(emitter, matrix)))
    return elementwise(emitter, "numpy.Multiply", reduce(emitter, "Sum", logs, -1, False), 2.0)


@symbol("tf.linalg.slogdet")
def slogdet(emitter: Emitter, input: Value, name: Value = None) -> Any:
    tensor = as_tensor(emitter, input)
    return emitter.op_many("numpy.Slogdet", tensor)


@symbol("tf.linalg.qr")
def qr(emitter: Emitter, input: Value, full_matrices: Value = False, name: Value = None) -> Any:
    """Householder reflections, whose signs all backends choose alike."""
    tensor = as_tensor(emitter, input)
    for axis in (-2, -1):
        known_extent(emitter, tensor, axis)
    config = {"mode": "complete" if full_matrices else "reduced"}
    return emitter.op_many("linalg.Qr", tensor, config=config)


@symbol("tf.linalg.svd")
def svd(
    emitter: Emitter, tensor: Value, full_matrices: Value = False, compute_uv: Value = True, name: Value = None
) -> Any:
    given = as_tensor(emitter, tensor)
    for axis in (-2, -1):
        known_extent(emitter, given, axis)
    values = emitter.op("linalg.SVD", given, config={"full_matrices": False, "compute_uv": False})
    return [values, VECTORS, VECTORS] if compute_uv else values


@symbol("tf.linalg.eigvalsh")
def eigvalsh(emitter: Emitter, tensor: Value, name: Value = None) -> Any:
    given = _mirrored(emitter, tensor)
    return emitter.op_many("linalg.Eigh", given)[0]


@symbol("tf.linalg.eigh", "tf.self_adjoint_eig")
def eigh(emitter: Emitter, tensor: Value, name: Value = None) -> Any:
    return [eigvalsh(emitter, tensor), VECTORS]


@symbol("tf.linalg.triangular_solve", "tf.matrix_triangular_solve")
def triangular_solve(
    emitter: Emitter,
    matrix: Value,
    rhs: Value,
    lower: Value = True,
    adjoint: Value = False,
    name: Value = None,
) -> Any:
    kind = dtype_of(matrix if isinstance(matrix, Tensor) else rhs)
    left = as_tensor(emitter, matrix)
    if adjoint:
        left = _other_triangle(emitter, left, bool(lower))
    config = {"lower": bool(lower) != bool(adjoint)}
    right = operand(emitter, rhs, kind)
    return emitter.op("linalg.SolveTriangular", left, right, config=config)


def _other_triangle(emitter: Emitter, matrix: Tensor, lower: bool) -> Tensor:
    """The transpose, with zeros where TensorFlow does not look."""
    size = known_extent(emitter, matrix, -1)
    triangle = np.tril(np.ones((size, size), bool)) if lower else np.triu(np.ones((size, size), bool))
    kept = emitter.op("numpy.Where", triangle, matrix, 0)
    found: Tensor = matrix_transpose(emitter, kept)
    return found


@symbol("tf.linalg.cholesky_solve", "tf.cholesky_solve")
def cholesky_solve(emitter: Emitter, chol: Value, rhs: Value, name: Value = None) -> Any:
    forward = triangular_solve(emitter, chol, rhs)
    return triangular_solve(emitter, chol, forward, adjoint=True)


@symbol("tf.linalg.set_diag")
def set_diag(
    emitter: Emitter,
    input: Value,
    diagonal: Value,
    name: Value = None,
    k: Value = 0,
    align: Value = None,
) -> Any:
    if k != 0:
        raise emitter.refuse("a diagonal other than the main one")
    tensor = as_tensor(emitter, input)
    rows, columns = known_extent(emitter, tensor, -2), known_extent(emitter, tensor, -1)
    if rows != columns:
        raise emitter.refuse("set_diag of a matrix that is not square")
    on = np.eye(rows, dtype=bool)
    column = expand_dims(emitter, as_tensor(emitter, diagonal), -1)
    return emitter.op("numpy.Where", on, column, tensor)


@symbol("tf.linalg.global_norm")
def global_norm(emitter: Emitter, t_list: Value, name: Value = None) -> Any:
    """The square root of the squares of all, summed one tensor after the other."""
    total: Any = None
    for tensor in [item for item in t_list if item is not None]:
        part = reduce(emitter, "Sum", elementwise(emitter, "numpy.Square", tensor), None, False)
        total = part if total is None else add_tensors(emitter, total, part)
    return elementwise(emitter, "numpy.Sqrt", total)


@symbol("tf.clip_by_global_norm")
def clip_by_global_norm(
    emitter: Emitter, t_list: Value, clip_norm: Value, use_norm: Value = None, name: Value = None
) -> Any:
    length = global_norm(emitter, t_list) if use_norm is None else use_norm
    limit = elementwise(emitter, "numpy.Maximum", length, clip_norm)
    scale = elementwise(emitter, "numpy.TrueDivide", float(clip_norm), limit)
    return [[elementwise(emitter, "numpy.Multiply", tensor, scale) for tensor in t_list], length]
