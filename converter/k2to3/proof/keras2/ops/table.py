"""The functions of TensorFlow by the name under which a file calls them."""

from __future__ import annotations

from collections.abc import Mapping

from k2to3.proof.keras2.ops import (
    arithmetic,
    colours,
    convolutions,
    image_measures,
    images,
    losses,
    nn,
    pools,
    quantization,
    reductions,
    shaping,
    special,
    zeros,
)
from k2to3.proof.keras2.ops.arithmetic import Op
from k2to3.proof.keras2.ops.arrays import ARRAYS

FAMILIES = {
    **dict.fromkeys(arithmetic.OPS, ("", "math.", "compat.v1.")),
    **dict.fromkeys(reductions.OPS, ("", "math.", "compat.v1.", "linalg.", "nn.")),
    **dict.fromkeys(shaping.OPS, ("", "compat.v1.", "linalg.")),
    **dict.fromkeys(nn.OPS, ("nn.",)),
    **dict.fromkeys([*special.OPS, *zeros.OPS], ("", "math.", "compat.v1.", "compat.v1.math.", "nn.")),
    **dict.fromkeys([*zeros.BITWISE, *images.OPS, *colours.OPS, *image_measures.OPS], ("", "compat.v1.")),
    **dict.fromkeys([*convolutions.OPS, *pools.OPS, *losses.OPS], ("nn.", "compat.v1.nn.")),
    **dict.fromkeys(quantization.OPS, ("", "quantization.", "compat.v1.quantization.")),
    **dict.fromkeys([*images.BY_API, *losses.BY_API], ("",)),
}
FUNCTIONS: dict[str, Op] = {
    **arithmetic.OPS, **reductions.OPS, **shaping.OPS, **nn.OPS, **special.OPS, **zeros.OPS, **zeros.BITWISE,
    **images.OPS, **images.BY_API, **colours.OPS, **image_measures.OPS, **convolutions.OPS, **pools.OPS,
    **losses.OPS, **losses.BY_API, **quantization.OPS,
    **{name: op for ops, _ in ARRAYS for name, op in ops.items()},
}  # fmt: skip
OTHER_NAMES = {
    "__operators__.add": "add",
    "__operators__.radd": "add",
    "__operators__.rsub": "rsub",
    "math.floordiv": "floordiv",
    "compat.v1.floor_div": "floordiv",
    "floordiv": "floordiv",
    "math.floormod": "floormod",
    "math.divide_no_nan": "div_no_nan",
    "nn.sigmoid": "sigmoid",
    "nn.tanh": "tanh",
    "nn.softplus": "softplus",
    "nn.softsign": "softsign",
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
