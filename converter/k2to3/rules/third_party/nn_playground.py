"""Dense and Conv2D over kernels of one or two bits, of DingKe's nn_playground, which many people copied.

Source: github.com/DingKe/nn_playground, binarynet/binary_layers.py and ternarynet/ternary_layers.py. Copies under the
same names differ, so these are only used when asked for: `--treat-as BinaryDense='nn_playground>BinaryDense'`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from k2to3.errors import BadConfig
from k2to3.keras2.model import LayerRecord
from k2to3.matching.slots import Slots, Weights
from k2to3.rules.language import Composite, Context, Described, Native, rule
from k2to3.weights.quantised import Quantised

Floats = np.ndarray[tuple[Any, ...], np.dtype[Any]]
OWN = ("H", "kernel_lr_multiplier", "bias_lr_multiplier", "kernel_constraint", "kernel_initializer")
"""What training alone looks at, or what is read here."""


def keras_slots(layer: Described) -> Slots:
    return layer.slots(_plain(layer.record))


def _plain(record: LayerRecord) -> LayerRecord:
    name = record.class_name.rsplit(">", 1)[-1].removeprefix("Binary").removeprefix("Ternary")
    return replace(record, class_name=name, config={k: v for k, v in record.config.items() if k not in OWN})


@rule(
    "nn_playground>BinaryDense",
    "nn_playground>BinaryConv2D",
    "nn_playground>TernaryDense",
    "nn_playground>TernaryConv2D",
    slots=keras_slots,
    origin="nn_playground",
)
def few_bits(context: Context) -> Native | Composite:
    """DingKe's Binary and Ternary layers: Dense and Conv2D over H, 0 and -H."""
    record, height = context.record, context.config.take("H")
    if not isinstance(height, (int, float)) or height <= 0:
        raise BadConfig(f"is {height!r}, not the number that its layer was built with", layer=record.name, key="H")
    context.config.ignore(*context.config.keys())
    ternary = "Ternary" in record.class_name
    label = f"{'-H, 0 or H' if ternary else '-H or H'} with H={height:g}"
    kernel = Quantised(context.weights.slots["kernel"], lambda w: _folded(w, height, ternary), label)
    context.note("dropped", f"its kernel is stored as it is used, {label}: training goes on with that")
    return context.convert(
        _plain(record), Weights({**context.weights.slots, "kernel": kernel}), context.inputs, context.name
    )


def _folded(kernel: Floats, height: float, ternary: bool) -> Floats:
    """`W > 0.5`, `W <= -0.5` of W / H; or the sign of what rounds away from a half, to the even."""
    h = np.float32(height)
    scaled = kernel / h
    if ternary:
        found = np.where(scaled > 0.5, h, np.where(scaled <= -0.5, -h, np.float32(0)))
    else:
        found = h * (2 * np.round(np.clip(np.float32(0.5) * scaled + np.float32(0.5), 0, 1)) - 1)
    return np.asarray(found, kernel.dtype)
