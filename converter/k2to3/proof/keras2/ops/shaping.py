"""Shapes, joining and picking: tensorflow/python/ops/array_ops.py."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.proof.keras2.ops.arithmetic import Op
from k2to3.proof.keras2.ops.values import axes, converted, dtype_of, ints, tensor
from k2to3.proof.keras2.tensor import Array


def reshape(tensor: Any, shape: Any) -> Array:
    return np.asarray(tensor).reshape(ints(shape))


def transpose(a: Any, perm: Any = None, conjugate: bool = False) -> Array:
    found = np.transpose(a, None if perm is None else ints(perm))
    return np.conj(found) if conjugate else found


def expand_dims(input: Any, axis: Any = None) -> Array:
    return np.expand_dims(tensor(input), ints(axis)[0])


def squeeze(input: Any, axis: Any = None, squeeze_dims: Any = None) -> Array:
    axis = squeeze_dims if axis is None else axis
    return np.squeeze(tensor(input), None if axis in (None, []) else axes(axis))


def concat(values: list[Any], axis: Any) -> Array:
    return np.concatenate([tensor(v) for v in values], axis=ints(axis)[0])


def stack(values: list[Any], axis: int = 0) -> Array:
    tensors = [v for v in values if isinstance(v, np.ndarray)]
    like = tensors[0].dtype if tensors else None
    return np.stack([np.asarray(v, dtype=like) for v in values], axis=axis)


def unstack(value: Any, num: Any = None, axis: int = 0) -> list[Array]:
    return [np.take(value, n, axis=axis) for n in range(tensor(value).shape[axis])]


def split(value: Any, num_or_size_splits: Any, axis: Any = 0, num: Any = None) -> list[Array]:
    axis = ints(axis)[0]
    if isinstance(num_or_size_splits, (list, np.ndarray)) and np.ndim(num_or_size_splits):
        sizes = ints(num_or_size_splits)
        if -1 in sizes:
            sizes[sizes.index(-1)] = tensor(value).shape[axis] - sum(sizes) - 1
        return list(np.split(tensor(value), np.cumsum(sizes)[:-1], axis=axis))
    return list(np.split(tensor(value), int(num_or_size_splits), axis=axis))


def tile(input: Any, multiples: Any) -> Array:
    return np.tile(tensor(input), ints(multiples))


def repeat(input: Any, repeats: Any, axis: Any = None) -> Array:
    return np.repeat(tensor(input), repeats, axis=axis)


def reverse(tensor: Any, axis: Any) -> Array:
    return np.flip(tensor, axes(axis))


def pad(tensor: Any, paddings: Any, mode: str = "CONSTANT", constant_values: Any = 0) -> Array:
    around = np.asarray(paddings, dtype=int).tolist()
    if mode.upper() == "CONSTANT":
        return np.pad(tensor, around, constant_values=constant_values)
    return np.pad(tensor, around, mode={"REFLECT": "reflect", "SYMMETRIC": "symmetric"}[mode.upper()])  # type: ignore[call-overload, no-any-return]


def cast(x: Any, dtype: Any) -> Array:
    x = tensor(x)
    return converted(x, dtype_of(dtype, x))


def shape(input: Any, out_type: Any = None) -> Array:
    return np.asarray(tensor(input).shape, dtype=np.int32)


def convert_to_tensor(value: Any, dtype: Any = None, dtype_hint: Any = None) -> Array:
    return tensor(value) if dtype is None else cast(value, dtype)


def ones(shape: Any, dtype: Any = "float32") -> Array:
    return np.ones(ints(shape), dtype_of(dtype, np.zeros(0, np.float32)))


def zeros(shape: Any, dtype: Any = "float32") -> Array:
    return np.zeros(ints(shape), dtype_of(dtype, np.zeros(0, np.float32)))


def fill(dims: Any, value: Any) -> Array:
    return np.full(ints(dims), tensor(value))


def broadcast_to(input: Any, shape: Any) -> Array:
    return np.broadcast_to(tensor(input), ints(shape)).copy()


def matmul(
    a: Any, b: Any, transpose_a: bool = False, transpose_b: bool = False, adjoint_a: bool = False,
    adjoint_b: bool = False, a_is_sparse: bool = False, b_is_sparse: bool = False, output_type: Any = None,
) -> Array:  # fmt: skip
    like = a.dtype if isinstance(a, np.ndarray) else np.asarray(b).dtype
    a, b = np.asarray(a, dtype=like), np.asarray(b, dtype=like)
    a, b = np.conj(a) if adjoint_a else a, np.conj(b) if adjoint_b else b
    a = np.swapaxes(a, -1, -2) if transpose_a or adjoint_a else a
    b = np.swapaxes(b, -1, -2) if transpose_b or adjoint_b else b
    return np.asarray(a @ b)


def tensordot(a: Any, b: Any, axes: Any) -> Array:
    return np.asarray(np.tensordot(a, b, axes=axes))


def getitem(x: Array, items: Any) -> Array:
    """`x[...]`; a number picks, None adds an axis."""
    return np.asarray(x[tuple(items) if isinstance(items, (list, tuple)) else items])


def strided_slice(
    input_: Any, begin: Any, end: Any, strides: Any = None, begin_mask: int = 0, end_mask: int = 0,
    ellipsis_mask: int = 0, new_axis_mask: int = 0, shrink_axis_mask: int = 0, var: Any = None,
) -> Array:  # fmt: skip
    begins, ends = ints(begin), ints(end)
    steps = ints(strides) if strides is not None else [1] * len(begins)
    items: list[Any] = []
    for n, (low, high, step) in enumerate(zip(begins, ends, steps, strict=True)):
        bit = 1 << n
        if ellipsis_mask & bit:
            items.append(...)
        elif new_axis_mask & bit:
            items.append(np.newaxis)
        elif shrink_axis_mask & bit:
            items.append(low)
        else:
            items.append(slice(None if begin_mask & bit else low, None if end_mask & bit else high, step))
    return np.asarray(tensor(input_)[tuple(items)])


def slice_(input_: Any, begin: Any, size: Any) -> Array:
    cut = tuple(slice(b, None if n == -1 else b + n) for b, n in zip(ints(begin), ints(size), strict=True))
    return np.asarray(tensor(input_)[cut])


OPS: dict[str, Op] = {
    "reshape": reshape,
    "transpose": transpose,
    "expand_dims": expand_dims,
    "squeeze": squeeze,
    "concat": concat,
    "stack": stack,
    "unstack": unstack,
    "split": split,
    "tile": tile,
    "repeat": repeat,
    "reverse": reverse,
    "pad": pad,
    "cast": cast,
    "shape": shape,
    "convert_to_tensor": convert_to_tensor,
    "ones": ones,
    "zeros": zeros,
    "fill": fill,
    "broadcast_to": broadcast_to,
    "matmul": matmul,
    "tensordot": tensordot,
    "strided_slice": strided_slice,
    "slice": slice_,
}
