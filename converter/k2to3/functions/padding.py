"""Padding with a constant or a mirror image."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.functions.arguments import static
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.joining import concat
from k2to3.functions.operands import as_tensor, constant_array
from k2to3.functions.shaping import reverse
from k2to3.functions.slicing import getitem
from k2to3.functions.values import Value, holds_runtime
from k2to3.keras3.graph import Tensor

symbol = Family()


@symbol("tf.pad")
def pad(
    emitter: Emitter,
    tensor: Value,
    paddings: Value,
    mode: Value = "CONSTANT",
    constant_values: Value = 0,
    name: Value = None,
) -> Any:
    width = static(emitter, paddings, "paddings")
    kind = str(mode).lower()
    if kind not in ("constant", "reflect", "symmetric"):
        raise emitter.refuse(f"padding mode {mode!r}")
    fill = static(emitter, constant_values, "the value of the padding")
    if not holds_runtime(tensor):
        options: dict[str, Any] = {"constant_values": fill} if kind == "constant" else {}
        padding: Any = np.pad
        return padding(constant_array(emitter, tensor), width, mode=kind, **options)
    given = as_tensor(emitter, tensor)
    if all(sum(w) == 0 for w in width):
        return given
    if kind == "symmetric":
        return _mirrored(emitter, given, width)
    kwargs = {"constant_values": fill} if kind == "constant" and fill else {}
    return emitter.op("numpy.Pad", given, config={"pad_width": width, "mode": kind}, kwargs=kwargs)


def _mirrored(emitter: Emitter, tensor: Tensor, width: list[list[int]]) -> Any:
    """Symmetric padding from slices: PyTorch's backend replicates the border instead."""
    for axis, (before, after) in enumerate(width):
        parts: list[Value] = [tensor]
        keys = [slice(None)] * axis
        if before:
            parts.insert(0, reverse(emitter, getitem(emitter, tensor, [*keys, slice(None, before)]), [axis]))
        if after:
            parts.append(reverse(emitter, getitem(emitter, tensor, [*keys, slice(-after, None)]), [axis]))
        tensor = concat(emitter, parts, axis)
    return tensor
