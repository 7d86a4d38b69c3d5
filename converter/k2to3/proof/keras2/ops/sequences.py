"""Sequences, ranges and blocks: tensorflow/python/ops/array_ops.py, math_ops.py, manip_ops.py."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.proof.keras2.ops.arithmetic import Op
from k2to3.proof.keras2.ops.values import axes, beside, dtype_of, floats, ints, tensor
from k2to3.proof.keras2.tensor import Array

WIDTHS = ("int32", "int64", "float32", "float64")


def reverse_sequence(
    input: Any, seq_lengths: Any, seq_axis: Any = None, batch_axis: Any = None, *, seq_dim: Any = None,
    batch_dim: Any = None,
) -> Array:  # fmt: skip
    """The first steps of each row of the batch; what is after them stays."""
    x, lengths = tensor(input), tensor(seq_lengths)
    along = ints(seq_dim if seq_axis is None else seq_axis)[0]
    given = batch_dim if batch_axis is None else batch_axis
    rows = np.moveaxis(x, (0 if given is None else ints(given)[0], along), (0, 1)).copy()
    for n, length in enumerate(lengths.tolist()):
        if not 0 <= length <= rows.shape[1]:
            raise ValueError("a length outside of the axis")
        rows[n, :length] = rows[n, :length][::-1].copy()
    return np.moveaxis(rows, (0, 1), (0 if given is None else ints(given)[0], along))


def roll(input: Any, shift: Any, axis: Any) -> Array:
    along = axes(axis) or ()
    shifts = ints(shift)
    if len(shifts) != len(along):
        raise ValueError("shifts and axes")
    return np.roll(tensor(input), shifts, along)


def sequence_mask(lengths: Any, maxlen: Any = None, dtype: Any = "bool") -> Array:
    steps = tensor(lengths)
    size = max(0, int(steps.max())) if maxlen is None else ints(maxlen)[0]
    return np.asarray(np.arange(size) < steps[..., np.newaxis]).astype(dtype_of(dtype, floats()))


def range_(start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None) -> Array:
    """One number is the limit. The widest dtype of them all, whole numbers before floats."""
    first, last = (0, start) if limit is None else (start, limit)
    numbers = [tensor(x) for x in (first, last, delta)]
    names = [x.dtype.name for x in numbers]
    widest = max(names, key=WIDTHS.index)
    found = np.arange(*(x.item() for x in numbers))
    return found.astype(widest if dtype is None else dtype_of(dtype, numbers[names.index(widest)]))


def linspace(start: Any, stop: Any, num: Any, *, axis: Any = 0) -> Array:
    first, last = beside(start, stop), beside(stop, start)
    if first.dtype.kind != "f" or first.shape != last.shape or ints(num)[0] < 1:
        raise ValueError("linspace of whole numbers or of other shapes")
    return np.linspace(first, last, ints(num)[0], axis=ints(axis)[0]).astype(first.dtype)


def meshgrid(*args: Any, indexing: str = "xy") -> list[Array]:
    if len(args) < 2 or any(np.ndim(x) != 1 for x in args):
        raise ValueError("meshgrid of other ranks")
    return [np.asarray(x) for x in np.meshgrid(*(tensor(x) for x in args), indexing=indexing)]  # type: ignore[call-overload]


def batch_to_space(input: Any, block_shape: Any, crops: Any) -> Array:
    """The batch is walked in blocks that become neighbours."""
    x, block, cuts = tensor(input), _block(block_shape), _margins(crops)
    batch, spatial, rest = _extents(x, block, cuts)
    n = len(block)
    x = x.reshape(*block, batch // int(np.prod(block)), *spatial, *rest)
    order = [n, *(k for pair in zip(range(n + 1, 2 * n + 1), range(n), strict=True) for k in pair)]
    x = x.transpose(*order, *range(2 * n + 1, x.ndim))
    x = x.reshape(x.shape[0], *(a * b for a, b in zip(spatial, block, strict=True)), *rest)
    kept = tuple(slice(a, size - b) for size, (a, b) in zip(x.shape[1:], cuts, strict=False))
    return x[(slice(None), *kept)]


def space_to_batch(input: Any, block_shape: Any, paddings: Any) -> Array:
    x, block, margins = tensor(input), _block(block_shape), _margins(paddings)
    n = len(block)
    x = np.pad(x, [(0, 0), *margins, *[(0, 0)] * (x.ndim - 1 - n)])
    batch, spatial, rest = _extents(x, block, margins)
    cells = [k for size, b in zip(spatial, block, strict=True) for k in (size // b, b)]
    x = x.reshape(batch, *cells, *rest)
    order = [*range(2, 2 * n + 1, 2), 0, *range(1, 2 * n, 2)]
    x = x.transpose(*order, *range(2 * n + 1, x.ndim))
    return x.reshape(batch * int(np.prod(block)), *x.shape[n + 1 :])


def _batch_to_space_v1(input: Any, crops: Any = None, block_size: Any = None, *, block_shape: Any = None) -> Array:
    return batch_to_space(input, _square(block_size, block_shape), crops)


def _space_to_batch_v1(input: Any, paddings: Any = None, block_size: Any = None, *, block_shape: Any = None) -> Array:
    return space_to_batch(input, _square(block_size, block_shape), paddings)


def _square(size: Any, shape: Any) -> list[int]:
    """One size for height and width."""
    given = size if shape is None else shape
    return ints(given) if np.ndim(given) else ints(given) * 2


def _extents(
    x: Array, block: list[int], margins: list[tuple[int, int]]
) -> tuple[int, tuple[int, ...], tuple[int, ...]]:
    if len(block) != len(margins) or x.ndim < 1 + len(block):
        raise ValueError(f"blocks {block} of {x.shape}")
    return x.shape[0], x.shape[1 : 1 + len(block)], x.shape[1 + len(block) :]


def _block(value: Any) -> list[int]:
    """TensorFlow 1's `batch_to_space` has the crops here, and has no entry."""
    if np.ndim(value) != 1:
        raise ValueError("block_shape")
    return ints(value)


def _margins(value: Any) -> list[tuple[int, int]]:
    return [(int(a), int(b)) for a, b in value]


OPS: dict[str, Op] = {
    "reverse_sequence": reverse_sequence,
    "roll": roll,
    "sequence_mask": sequence_mask,
    "range": range_,
    "linspace": linspace,
    "meshgrid": meshgrid,
    "batch_to_space": batch_to_space,
    "space_to_batch": space_to_batch,
    "compat.v1.batch_to_space": _batch_to_space_v1,
    "compat.v1.space_to_batch": _space_to_batch_v1,
}
NAMES = {
    **{name: name for name in OPS},
    **{f"{prefix}{name}_nd": name for name in ("batch_to_space", "space_to_batch") for prefix in ("", "compat.v1.")},
    "compat.v1.reverse_sequence": "reverse_sequence",
    "compat.v1.range": "range",
    "lin_space": "linspace",
    "manip.roll": "roll",
}
