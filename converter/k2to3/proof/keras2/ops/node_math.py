"""Nodes of a graph that work element by element, and sums."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from k2to3.proof.keras2.ops.table import FUNCTIONS

Attributes = dict[str, Any]
Node = Callable[[list[Any], Attributes], Any]
SAME = {
    "Acos": "acos", "Acosh": "acosh", "Asin": "asin", "Asinh": "asinh", "Atan": "atan", "Atan2": "atan2",
    "Atanh": "atanh", "Cosh": "cosh", "Sinh": "sinh", "Erfc": "erfc", "Erfinv": "erfinv", "Ndtri": "ndtri",
    "Lgamma": "lgamma", "Digamma": "digamma", "IsFinite": "is_finite", "IsInf": "is_inf", "IsNan": "is_nan",
    "MulNoNan": "multiply_no_nan", "Xdivy": "xdivy", "Xlogy": "xlogy", "Xlog1py": "xlog1py", "Div": "div",
    "Mod": "truncatemod", "TruncateMod": "truncatemod", "TruncateDiv": "truncatediv",
    "BitwiseAnd": "bitwise.bitwise_and", "BitwiseOr": "bitwise.bitwise_or", "BitwiseXor": "bitwise.bitwise_xor",
    "Invert": "bitwise.invert", "LeftShift": "bitwise.left_shift", "RightShift": "bitwise.right_shift",
}  # fmt: skip


def _same(name: str) -> Node:
    return lambda inputs, attributes: FUNCTIONS[name](*inputs)


def _add_n(inputs: list[Any], attributes: Attributes) -> Any:
    return FUNCTIONS["add_n"](inputs)


def _euclidean(inputs: list[Any], attributes: Attributes) -> Any:
    return FUNCTIONS["reduce_euclidean_norm"](*inputs, keepdims=bool(attributes.get("keep_dims")))


NODES: dict[str, Node] = {
    **{op: _same(name) for op, name in SAME.items()},
    "AddN": _add_n,
    "AccumulateNV2": _add_n,
    "EuclideanNorm": _euclidean,
}
