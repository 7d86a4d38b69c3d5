"""`K.batch_dot` and `K.l2_normalize`, which changed.

Keras 1.0 to 2.2.4 and tf.keras to 1.15 multiply as matrices (`tf.matmul` with adjoints: axes before the last two
are batch axes too); Keras 2.2.5 and tf.keras 2.0 contract exactly two axes and keep all others (keras-team/keras
commit "batch_dot fix", backend/tensorflow_backend.py). Theano always did (`batched_tensordot`).
"""

from __future__ import annotations

import numpy as np

from k2to3.errors import NotSpecified
from k2to3.proof.keras2.author import Author
from k2to3.proof.keras2.tensor import Array


def batch_dot(x: Array, y: Array, axes: tuple[int, int] | None, author: Author) -> Array:
    """By the meaning of the author's generation; asked for only where the meanings differ.

    Before, an axis was only asked whether it is the last, by its number among those of the larger rank: one counted
    from the end never is. Without axes, two matrices (one vector for each example) went across the batch.
    """
    now = _try(contracted, x, y, _counted(x, y, axes))
    old = now if author.theano else _try(multiplied, x, y, axes or (x.ndim - 1, y.ndim - 2))
    found = now if _same(now, old) or author.theano or author.since((2, 2, 5), (2, 0)) else old
    if found is None:
        raise NotSpecified("its author's batch_dot refuses these shapes")
    return found


def _counted(x: Array, y: Array, axes: tuple[int, int] | None) -> tuple[int, int]:
    """From the front."""
    if axes is None:
        return x.ndim - 1, y.ndim - 1 if y.ndim == 2 else y.ndim - 2
    return axes[0] % x.ndim, axes[1] % y.ndim


def _same(now: Array | None, old: Array | None) -> bool:
    """But for rounding."""
    if now is None or old is None or now.shape != old.shape:
        return False
    step = 1e3 * float(np.finfo(now.dtype).eps)
    return bool(np.allclose(now, old, step, step * float(np.abs(now).max(initial=0.0))))


def _try(function: object, x: Array, y: Array, axes: tuple[int, int]) -> Array | None:
    assert callable(function)
    try:
        return np.asarray(function(x, y, axes))
    except ValueError:
        return None


def contracted(x: Array, y: Array, axes: tuple[int, int]) -> Array:
    """The meaning of Keras 2.2.5."""
    if 0 in axes:
        raise ValueError("an axis of the batch")
    left = np.moveaxis(x, axes[0], -1)
    right = np.moveaxis(y, axes[1], 1)
    a = left.reshape(len(x), -1, left.shape[-1])
    b = right.reshape(len(y), right.shape[1], -1)
    found = (a @ b).reshape(len(x), *left.shape[1:-1], *right.shape[2:])
    return found[:, np.newaxis] if found.ndim == 1 else found


def multiplied(x: Array, y: Array, axes: tuple[int, int]) -> Array:
    """The meaning before: a matrix product, after ones have been added to the smaller rank."""
    ranks = x.ndim, y.ndim
    extra = abs(ranks[0] - ranks[1])
    x = x.reshape(x.shape + (1,) * (max(ranks) - x.ndim))
    y = y.reshape(y.shape + (1,) * (max(ranks) - y.ndim))
    if max(ranks) == 2:
        found = np.sum(x * y, axes[0]) if axes[0] == axes[1] else np.sum(x.T * y, axes[1])
    else:
        a = x if axes[0] == x.ndim - 1 else np.swapaxes(x, -1, -2)
        b = np.swapaxes(y, -1, -2) if axes[1] == y.ndim - 1 else y
        found = a @ b
    if extra:
        begin = sum(ranks) - 3 if ranks[0] > ranks[1] else ranks[0] - 1
        found = np.squeeze(found, tuple(range(begin, begin + extra)))
    return np.asarray(found[:, np.newaxis] if found.ndim == 1 else found)


def normalised(x: Array, axis: int | tuple[int, ...] | None, author: Author) -> Array:
    """`tf.nn.l2_normalize` (epsilon 1e-12); Theano's has 1e-7 from 2.0 on and none in Keras 1."""
    total = np.sum(np.square(x), axis=axis, keepdims=True)
    floor = 1e-12 if not author.theano else (0.0 if author.keras1 else 1e-7)
    return np.asarray(x / np.sqrt(np.maximum(total, x.dtype.type(floor))))
