"""Padding with a constant or a mirror image."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.functions.arguments import LARGEST, count_of, static
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.joining import concat
from k2to3.functions.operands import as_tensor, constant_array, shape_of
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
    _check_widths(emitter, width, kind, tensor)
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


def _check_widths(emitter: Emitter, width: Any, kind: str, tensor: Value) -> None:
    """A pair for each axis, none below zero, and no more than there is to mirror."""
    pairs = width if isinstance(width, list) else [width]
    if not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs) or len(pairs) != len(shape_of(tensor)):
        raise emitter.refuse(f"paddings {width!r:.60}, not a pair for each axis")
    least = 1 if kind == "reflect" else 0
    for (before, after), extent in zip(pairs, shape_of(tensor), strict=True):
        most = LARGEST if kind == "constant" or extent is None else extent - least
        if not all(0 <= count_of(emitter, n, "a padding", least=0) <= most for n in (before, after)):
            raise emitter.refuse(f"padding {kind} by {before} and {after} of an axis of extent {extent}")


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
