"""Products and matrices."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from k2to3.errors import BadConfig
from k2to3.functions.arguments import integer, known_extent, normal_axis, static
from k2to3.functions.dtypes import dtype_of
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.gathering import gather
from k2to3.functions.operands import as_tensor, check_fit, constant_array, elementwise, operand, shape_of
from k2to3.functions.padding import pad
from k2to3.functions.reductions import reduce
from k2to3.functions.shaping import expand_dims, squeeze, swapped
from k2to3.functions.values import Value, holds_runtime
from k2to3.keras3.graph import Tensor

symbol = Family()


@symbol("tf.linalg.matmul")
def matmul(
    emitter: Emitter,
    a: Value,
    b: Value,
    transpose_a: Value = False,
    transpose_b: Value = False,
    adjoint_a: Value = False,
    adjoint_b: Value = False,
    a_is_sparse: Value = False,
    b_is_sparse: Value = False,
    output_type: Value = None,
    grad_a: Value = False,
    grad_b: Value = False,
    name: Value = None,
) -> Any:
    left = swapped(emitter, a) if transpose_a or adjoint_a else a
    right = swapped(emitter, b) if transpose_b or adjoint_b else b
    return product(emitter, left, right)


@symbol("np.matmul")
def product(emitter: Emitter, a: Value, b: Value) -> Any:
    """`a @ b` with batch axes broadcast; both of rank 2 or more."""
    if not holds_runtime(a) and not holds_runtime(b):
        return constant_array(emitter, a) @ constant_array(emitter, b)
    kind = dtype_of(a if isinstance(a, Tensor) else b)
    left, right = operand(emitter, a, kind), operand(emitter, b, kind)
    first, second = shape_of(left), shape_of(right)
    if len(first) < 2 or len(second) < 2:
        raise emitter.refuse("a matrix product with a vector")
    if None not in (first[-1], second[-2]) and first[-1] != second[-2]:
        raise emitter.refuse(f"a matrix product of shapes {first} and {second}")
    check_fit(emitter, [first[:-2], second[:-2]])
    return emitter.op("numpy.Matmul", left, right)


@symbol("tf.batch_matmul")
def batch_matmul(
    emitter: Emitter, x: Value, y: Value, adj_x: Value = False, adj_y: Value = False, name: Value = None
) -> Any:
    return matmul(emitter, x, y, adj_x, adj_y)


@symbol("tf.linalg.matvec")
def matvec(
    emitter: Emitter,
    a: Value,
    b: Value,
    transpose_a: Value = False,
    adjoint_a: Value = False,
    a_is_sparse: Value = False,
    b_is_sparse: Value = False,
    name: Value = None,
) -> Any:
    column = expand_dims(emitter, b, -1)
    return squeeze(emitter, matmul(emitter, a, column, transpose_a or adjoint_a), -1)


@symbol("tf.einsum", "np.einsum")
def einsum(emitter: Emitter, equation: Value, *inputs: Value, **options: Value) -> Any:
    """Shapes follow from the letters; Keras 3 takes the same equations."""
    if not inputs:
        raise emitter.refuse(
            "Keras 2 did not save the operands of einsum",
            hint="not even Keras 2 can load this file; use Dot, Permute or EinsumDense layers in the old code",
        )
    text = str(equation).replace(" ", "")
    if not holds_runtime(list(inputs)):
        return np.einsum(text, *(constant_array(emitter, v) for v in inputs))
    kind = dtype_of(next(v for v in inputs if isinstance(v, Tensor)))
    given = [operand(emitter, v, kind) for v in inputs]
    text = _with_output(emitter, text)
    check_einsum(emitter, text, [shape_of(v) for v in given])
    return emitter.op("numpy.Einsum", *given, config={"subscripts": text})


def _with_output(emitter: Emitter, text: str) -> str:
    if "->" in text:
        return text
    letters = re.sub(r"[^A-Za-z]", "", text)
    once = sorted({x for x in letters if letters.count(x) == 1})
    return f"{text}->{'...' if '...' in text else ''}{''.join(once)}"


def check_einsum(emitter: Emitter, text: str, shapes: list[Any]) -> None:
    """Make sure that an equation with an explicit output fits its operands.

    Raises:
        UnsupportedOption: it does not.
    """
    left, right = text.split("->")
    terms = left.split(",")
    if len(terms) != len(shapes):
        raise emitter.refuse(f"einsum {text!r} with {len(shapes)} operands")
    spread: list[Any] = []
    for term, shape in zip(terms, shapes, strict=True):
        head, dots, tail = term.partition("...")
        if len(head) + len(tail) > len(shape) or (not dots and len(head) != len(shape)):
            raise emitter.refuse(f"einsum {text!r} with an operand of shape {shape}")
        if dots:
            spread.append(shape[len(head) : len(shape) - len(tail)])
    check_fit(emitter, spread)
    if not set(right) - {"."} <= set(left):
        raise BadConfig(f"einsum {text!r} has an output letter without an input", layer=emitter.layer)


@symbol("tf.tensordot", "np.tensordot")
def tensordot(emitter: Emitter, a: Value, b: Value, axes: Value = 2, name: Value = None) -> Any:
    """As an einsum, whose shape every backend agrees on."""
    if not holds_runtime(a) and not holds_runtime(b):
        return np.tensordot(constant_array(emitter, a), constant_array(emitter, b), static(emitter, axes, "axes"))
    ranks = [len(shape_of(v)) for v in (a, b)]
    pairs = static(emitter, axes, "axes")
    if isinstance(pairs, int):
        first, second = list(range(ranks[0] - pairs, ranks[0])), list(range(pairs))
    else:
        sides = [[side] if isinstance(side, int) else side for side in pairs]
        first, second = ([normal_axis(emitter, i, r) for i in s] for s, r in zip(sides, ranks, strict=True))
    letters = iter("abcdefghijklmnopqrstuvwxyz")
    left = [next(letters) for _ in range(ranks[0])]
    right = [left[first[second.index(i)]] if i in second else next(letters) for i in range(ranks[1])]
    kept = [x for i, x in enumerate(left) if i not in first] + [x for i, x in enumerate(right) if i not in second]
    return einsum(emitter, f"{''.join(left)},{''.join(right)}->{''.join(kept)}", a, b)


@symbol("tf.linalg.matrix_transpose", "tf.linalg.adjoint")
def matrix_transpose(emitter: Emitter, a: Value, name: Value = None, conjugate: Value = False) -> Any:
    return swapped(emitter, a)


@symbol("tf.linalg.band_part")
def band_part(emitter: Emitter, input: Value, num_lower: Value, num_upper: Value, name: Value = None) -> Any:
    lower, upper = integer(emitter, num_lower, "num_lower"), integer(emitter, num_upper, "num_upper")
    rows, columns = shape_of(input)[-2:]
    if rows is None or columns is None:
        raise emitter.refuse("band_part of a matrix whose size only the running model knows")
    i, j = np.indices((rows, columns))
    keep = ((lower < 0) | (i - j <= lower)) & ((upper < 0) | (j - i <= upper))
    kind = dtype_of(input)
    if not holds_runtime(input):
        return np.where(keep, input, 0).astype(kind)
    return emitter.op("numpy.Where", keep, input, 0)


@symbol("tf.linalg.diag", "tf.linalg.tensor_diag")
def diag(
    emitter: Emitter,
    diagonal: Value,
    name: Value = None,
    k: Value = 0,
    num_rows: Value = -1,
    num_cols: Value = -1,
    padding_value: Value = 0,
    align: Value = None,
) -> Any:
    offset = integer(emitter, k, "k")
    if (num_rows, num_cols, padding_value) != (-1, -1, 0):
        raise emitter.refuse("a diagonal of a matrix that is not square, or not zero elsewhere")
    size = shape_of(diagonal)[-1]
    if size is None:
        raise emitter.refuse("a diagonal of unknown length")
    if offset:
        width = [max(0, -offset), max(0, offset)]
        diagonal = pad(emitter, diagonal, [[0, 0]] * (len(shape_of(diagonal)) - 1) + [width])
    eye = np.eye(size + abs(offset), k=offset, dtype="bool")
    column = expand_dims(emitter, diagonal, -1)
    kind = dtype_of(diagonal)
    if not holds_runtime(diagonal):
        return np.where(eye, column, 0).astype(kind)
    check_fit(emitter, [column.shape, eye.shape])
    return emitter.op("numpy.Where", eye, column, 0)


@symbol("tf.linalg.diag_part", "tf.linalg.tensor_diag_part")
def diag_part(
    emitter: Emitter,
    input: Value,
    name: Value = None,
    k: Value = 0,
    padding_value: Value = 0,
    align: Value = None,
) -> Any:
    tensor = as_tensor(emitter, input)
    rows, columns = known_extent(emitter, tensor, -2), known_extent(emitter, tensor, -1)
    offset = integer(emitter, k, "k")
    length = min(rows + min(0, offset), columns - max(0, offset))
    if length < 1:
        raise emitter.refuse(f"diagonal {offset} of a matrix of {rows}×{columns}")
    config = {"offset": offset, "axis1": -2, "axis2": -1}
    return emitter.op("numpy.Diagonal", tensor, config=config)


@symbol("tf.linalg.trace")
def trace(emitter: Emitter, x: Value, name: Value = None) -> Any:
    return reduce(emitter, "Sum", diag_part(emitter, x), -1, False)


@symbol("tf.linalg.cross")
def cross(emitter: Emitter, a: Value, b: Value, name: Value = None) -> Any:
    """From its definition: Keras 3's own class computes something else on PyTorch."""

    def turned(value: Value, by: int) -> Any:
        return gather(emitter, value, [by % 3, (by + 1) % 3, (by + 2) % 3], axis=-1)

    first = elementwise(emitter, "numpy.Multiply", turned(a, 1), turned(b, 2))
    return elementwise(
        emitter, "numpy.Subtract", first, elementwise(emitter, "numpy.Multiply", turned(a, 2), turned(b, 1))
    )


def _square(class_name: str, *names: str, scalar: bool = False) -> None:
    def apply(emitter: Emitter, input: Value, adjoint: Value = False, name: Value = None) -> Any:
        tensor = as_tensor(emitter, swapped(emitter, input) if adjoint else input)
        return emitter.op(f"linalg.{class_name}", tensor)

    symbol(*names)(apply)


_square("Inv", "tf.linalg.inv", "tf.matrix_inverse")
_square("Det", "tf.linalg.det", "tf.matrix_determinant", scalar=True)


@symbol("tf.linalg.solve")
def solve(emitter: Emitter, matrix: Value, rhs: Value, adjoint: Value = False, name: Value = None) -> Any:
    kind = dtype_of(matrix if isinstance(matrix, Tensor) else rhs)
    left = operand(emitter, swapped(emitter, matrix) if adjoint else matrix, kind)
    right = operand(emitter, rhs, kind)
    rows, columns, wanted = left.shape[-2], left.shape[-1], right.shape[-2]
    if len(left.shape) != len(right.shape) or len({size for size in (rows, columns, wanted) if size is not None}) > 1:
        raise emitter.refuse(f"solves for matrices of shapes {list(left.shape)} and {list(right.shape)}")
    return emitter.op("linalg.Solve", left, right)
