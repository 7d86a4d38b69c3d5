"""Diagonals, bands and products of matrices: tensorflow/python/ops/array_ops.py, math_ops.py, linalg_impl.py.

A matrix is the last two axes. Bands of several diagonals have no entry: TensorFlow 2.2 changed how they align.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.proof.keras2.ops.arithmetic import Op
from k2to3.proof.keras2.ops.values import beside, dtype_of, floats, ints, tensor
from k2to3.proof.keras2.tensor import Array


def _offset(k: Any) -> int:
    found = ints(k)
    if len(set(found)) != 1:
        raise ValueError(f"a band of diagonals: k={k!r}")
    return found[0]


def _places(rows: int, columns: int, k: int) -> tuple[Array, Array]:
    """Row and column of each cell of a diagonal."""
    length = min(rows + min(k, 0), columns - max(k, 0))
    if length <= 0:
        raise ValueError(f"no diagonal {k} in {rows} by {columns}")
    steps = np.arange(length)
    return steps - min(k, 0), steps + max(k, 0)


def diag(
    diagonal: Any, *, k: Any = 0, num_rows: Any = -1, num_cols: Any = -1, padding_value: Any = 0, align: Any = None
) -> Array:
    diagonal, offset = tensor(diagonal), _offset(k)
    if (num_rows, num_cols) != (-1, -1):
        raise ValueError("num_rows or num_cols")
    side = diagonal.shape[-1] + abs(offset)
    found = np.full((*diagonal.shape[:-1], side, side), padding_value, diagonal.dtype)
    rows, columns = _places(side, side, offset)
    found[..., rows, columns] = diagonal
    return found


def diag_part(input: Any, *, k: Any = 0, padding_value: Any = 0, align: Any = None) -> Array:
    x = tensor(input)
    return np.asarray(x[(..., *_places(x.shape[-2], x.shape[-1], _offset(k)))])


def set_diag(input: Any, diagonal: Any, *, k: Any = 0, align: Any = None) -> Array:
    found = tensor(input).copy()
    found[(..., *_places(found.shape[-2], found.shape[-1], _offset(k)))] = beside(diagonal, found)
    return found


def band_part(input: Any, num_lower: Any, num_upper: Any) -> Array:
    """Cells at most so many rows below and columns above the diagonal; a negative number keeps all."""
    x, lower, upper = tensor(input), ints(num_lower)[0], ints(num_upper)[0]
    below = np.arange(x.shape[-2])[:, np.newaxis] - np.arange(x.shape[-1])
    kept = ((lower < 0) | (below <= lower)) & ((upper < 0) | (-below <= upper))
    return np.where(kept, x, np.zeros((), x.dtype))


def eye(num_rows: Any, num_columns: Any = None, batch_shape: Any = None, dtype: Any = "float32") -> Array:
    rows = ints(num_rows)[0]
    found = np.eye(rows, rows if num_columns is None else ints(num_columns)[0], dtype=dtype_of(dtype, floats()))
    batch = () if batch_shape is None else tuple(ints(batch_shape))
    return np.broadcast_to(found, (*batch, *found.shape)).copy()


def trace(x: Any) -> Array:
    x = tensor(x)
    return np.asarray(np.trace(x, axis1=-2, axis2=-1)).astype(x.dtype)


def tensor_diag(diagonal: Any) -> Array:
    """Of rank n one of rank 2n; TensorFlow 1 calls it `tf.diag`."""
    x = tensor(diagonal)
    return np.diag(x.ravel()).reshape(x.shape * 2)


def tensor_diag_part(input: Any) -> Array:
    x = tensor(input)
    half = x.shape[: x.ndim // 2]
    if half * 2 != x.shape:
        raise ValueError(f"no diagonal of shape {x.shape}")
    return np.diagonal(x.reshape(int(np.prod(half)), -1)).reshape(half)


def matrix_transpose(a: Any, *, conjugate: bool = False) -> Array:
    found = np.swapaxes(tensor(a), -1, -2)
    return np.conj(found) if conjugate else found


def adjoint(matrix: Any) -> Array:
    return matrix_transpose(matrix, conjugate=True)


def matvec(a: Any, b: Any, transpose_a: bool = False, *, adjoint_a: bool = False, a_is_sparse: bool = False,
           b_is_sparse: bool = False) -> Array:  # fmt: skip
    a = beside(a, b)
    a = adjoint(a) if adjoint_a else matrix_transpose(a) if transpose_a else a
    return np.asarray((a @ beside(b, a)[..., np.newaxis])[..., 0])


def cross(a: Any, b: Any) -> Array:
    a = beside(a, b)
    b = beside(b, a)
    if a.shape != b.shape or a.shape[-1] != 3:
        raise ValueError(f"cross of {a.shape} and {b.shape}")
    return np.cross(a, b)


def einsum(equation: str, *inputs: Any, optimize: Any = None) -> Array:
    """TFOpLambda keeps the equation and no operand."""
    if not isinstance(equation, str) or not inputs:
        raise ValueError("the file holds no operands of einsum")
    like = next((x for x in inputs if isinstance(x, np.ndarray)), floats())
    return np.asarray(np.einsum(equation, *(beside(x, like) for x in inputs), optimize=True))


OPS: dict[str, Op] = {
    "diag": diag,
    "diag_part": diag_part,
    "set_diag": set_diag,
    "band_part": band_part,
    "eye": eye,
    "trace": trace,
    "tensor_diag": tensor_diag,
    "tensor_diag_part": tensor_diag_part,
    "matrix_transpose": matrix_transpose,
    "adjoint": adjoint,
    "matvec": matvec,
    "cross": cross,
    "einsum": einsum,
}
NAMES = {
    **{f"linalg.{name}": name for name in OPS},
    **{name: name for name in ("eye", "einsum", "matrix_transpose")},
    "matvec": "matvec",
    "cross": "cross",
    "trace": "trace",
    "diag": "tensor_diag",
    "diag_part": "tensor_diag_part",
    "matrix_band_part": "band_part",
    "matrix_diag": "diag",
    "matrix_diag_part": "diag_part",
    "matrix_set_diag": "set_diag",
}
