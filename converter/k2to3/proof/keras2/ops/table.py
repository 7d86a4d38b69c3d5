"""The functions of TensorFlow by the name under which a file calls them."""

from __future__ import annotations

from collections.abc import Mapping

from k2to3.proof.keras2.ops import arithmetic, nn, reductions, shaping
from k2to3.proof.keras2.ops.arithmetic import Op
from k2to3.proof.keras2.ops.arrays import ARRAYS

FAMILIES = {
    **dict.fromkeys(arithmetic.OPS, ("", "math.", "compat.v1.")),
    **dict.fromkeys(reductions.OPS, ("", "math.", "compat.v1.", "linalg.", "nn.")),
    **dict.fromkeys(shaping.OPS, ("", "compat.v1.", "linalg.")),
    **dict.fromkeys(nn.OPS.keys() - {"flip_left_right", "flip_up_down"}, ("nn.",)),
}
FUNCTIONS: dict[str, Op] = {
    **arithmetic.OPS, **reductions.OPS, **shaping.OPS, **nn.OPS,
    **{name: op for ops, _ in ARRAYS for name, op in ops.items()},
}  # fmt: skip
OTHER_NAMES = {
    "__operators__.add": "add",
    "__operators__.radd": "add",
    "__operators__.rsub": "rsub",
    "image.resize": "resize",
    "image.flip_left_right": "flip_left_right",
    "image.flip_up_down": "flip_up_down",
    "math.floordiv": "floordiv",
    "compat.v1.floor_div": "floordiv",
    "floordiv": "floordiv",
    "math.floormod": "floormod",
    "math.mod": "floormod",
    "math.divide_no_nan": "div_no_nan",
    "nn.sigmoid": "sigmoid",
    "nn.tanh": "tanh",
    "nn.softplus": "softplus",
    "nn.softsign": "softsign",
    "nn.max_pool": "max_pool2d",
    "nn.avg_pool": "avg_pool2d",
    "compat.v1.nn.softmax": "softmax",
    "reduce_sum": "reduce_sum",
    "divide": "truediv",
    "where": "where",
    "compat.v1.where_v2": "where",
    "compat.v1.argmax": "argmax",
    "math.l2_normalize": "l2_normalize",
}


def _names() -> dict[str, str]:
    found = {f"{prefix}{name}": name for name, prefixes in FAMILIES.items() for prefix in prefixes}
    others: list[Mapping[str, str]] = [OTHER_NAMES, *(names for _, names in ARRAYS)]
    return found | {given: name for names in others for given, name in names.items() if name in FUNCTIONS}


NAMES = _names()


def find(name: str) -> Op | None:
    """The function of `tf.<name>`."""
    return FUNCTIONS.get(NAMES.get(name, ""))
