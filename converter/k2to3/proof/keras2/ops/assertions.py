"""What watches a model and computes nothing: tensorflow/python/ops/check_ops.py, numerics.py, logging_ops.py.

Where an assertion does not hold the author's model stops, and there is no claim.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from k2to3.proof.keras2.ops.arithmetic import Op
from k2to3.proof.keras2.ops.values import tensor as as_tensor
from k2to3.proof.keras2.tensor import Array


def _held(holds: Any) -> None:
    if not np.all(holds):
        raise ValueError("the assertion does not hold")


def _of_two(holds: Callable[..., Any]) -> Op:
    def op(x: Any, y: Any, *, message: Any = None, summarize: Any = None) -> None:
        _held(holds(x, y))

    return op


def _of_one(holds: Callable[[Array], Any]) -> Op:
    def op(x: Any, *, message: Any = None, summarize: Any = None) -> None:
        _held(holds(as_tensor(x)))

    return op


def _of_rank(holds: Callable[[int, Any], bool]) -> Op:
    def op(x: Any, rank: Any = None, *, ranks: Any = None, message: Any = None) -> None:
        _held(holds(np.ndim(x), rank if ranks is None else ranks))

    return op


def check(condition: Any, data: Any = None, summarize: Any = None) -> None:
    _held(condition)


def check_numerics(tensor: Any, message: Any = None) -> Array:
    if not np.isfinite(tensor).all():
        raise ValueError("not finite")
    return np.asarray(tensor)


def verify(t: Any = None, msg: Any = None, *, x: Any = None, message: Any = None) -> Array:
    """TensorFlow 1 calls its arguments otherwise."""
    return check_numerics(x if t is None else t)


def nothing(*args: Any, **kwargs: Any) -> None:
    """An operation without a value."""


def printed(input_: Any, data: Any = None, message: Any = None, first_n: Any = None, summarize: Any = None) -> Array:
    return as_tensor(input_)


ASSERTIONS: dict[str, Op] = {
    "assert_equal": _of_two(np.equal),
    "assert_none_equal": _of_two(np.not_equal),
    "assert_greater": _of_two(np.greater),
    "assert_greater_equal": _of_two(np.greater_equal),
    "assert_less": _of_two(np.less),
    "assert_less_equal": _of_two(np.less_equal),
    "assert_positive": _of_one(lambda x: x > 0),
    "assert_negative": _of_one(lambda x: x < 0),
    "assert_non_negative": _of_one(lambda x: x >= 0),
    "assert_non_positive": _of_one(lambda x: x <= 0),
    "assert_integer": _of_one(lambda x: x.dtype.kind in "iu"),
    "assert_rank": _of_rank(lambda found, rank: found == rank),
    "assert_rank_at_least": _of_rank(lambda found, rank: found >= rank),
    "assert_rank_in": _of_rank(lambda found, ranks: found in ranks),
    "Assert": check,
}
OPS: dict[str, Op] = {
    **ASSERTIONS,
    "check_numerics": check_numerics,
    "verify_tensor_all_finite": verify,
    "Print": printed,
    "print": nothing,
    "no_op": nothing,
    "group": nothing,
}
NAMES = {
    **{f"{prefix}{name}": name for name in OPS for prefix in ("", "compat.v1.")},
    **{f"debugging.{name}": name for name in ("check_numerics", *ASSERTIONS)},
    "debugging.assert_all_finite": "verify_tensor_all_finite",
}
