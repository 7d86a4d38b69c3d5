"""Max and average pooling."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.functions.arguments import integers, known_extent
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.operands import as_tensor, elementwise
from k2to3.functions.padding import pad
from k2to3.functions.values import Value
from k2to3.functions.windows import channels_first, padding_of, spatial, to_first, to_last
from k2to3.keras3.graph import Tensor

symbol = Family()


def pool(
    emitter: Emitter, kind: str, x: Value, ksize: Value, strides: Value, padding: Value, data_format: Value = None
) -> Any:
    """Max or average pooling as a built-in layer."""
    first = channels_first(data_format)
    tensor, mode = padding_of(emitter, as_tensor(emitter, x), padding)
    rank = len(tensor.shape) - 2
    window = spatial(emitter, ksize, rank, "the window", first)
    steps = window if strides is None else spatial(emitter, strides, rank, "strides", first)
    if rank not in (1, 2, 3):
        raise emitter.refuse(f"pooling over {rank} axes")
    tensor = to_last(emitter, tensor, first)
    if kind == "Average" and mode == "same" and None not in tensor.shape[1:-1]:
        return to_first(emitter, _mean_of_same(emitter, tensor, window, steps), first)
    config: dict[str, Any] = {"pool_size": window, "strides": steps, "padding": mode, "data_format": "channels_last"}
    if rank == 1:
        config |= {"pool_size": window[0], "strides": steps[0]}
    return to_first(emitter, emitter.call(f"{kind}Pooling{rank}D", config, tensor), first)


def _mean_of_same(emitter: Emitter, tensor: Tensor, window: list[int], steps: list[int]) -> Any:
    """Padding is no part of the mean; PyTorch's backend counts it where it is uneven."""
    rank = len(window)
    widths, counts = [[0, 0]], np.ones([1] * (rank + 2))
    for axis, (size, step) in enumerate(zip(window, steps, strict=True)):
        extent = known_extent(emitter, tensor, axis + 1)
        total = max((-(-extent // step) - 1) * step + size - extent, 0)
        widths.append([total // 2, total - total // 2])
        starts = np.arange(-(-extent // step)) * step - total // 2
        inside = np.minimum(starts + size, extent) - np.maximum(starts, 0)
        counts = counts * (inside / size).reshape([-1 if i == axis + 1 else 1 for i in range(rank + 2)])
    found = pool(emitter, "Average", pad(emitter, tensor, [*widths, [0, 0]]), window, steps, "VALID")
    if np.all(counts == 1):
        return found
    return elementwise(emitter, "numpy.TrueDivide", found, counts.astype(tensor.dtype))


def _pool(kind: str, *names: str) -> None:
    def apply(
        emitter: Emitter,
        input: Value,
        ksize: Value,
        strides: Value = None,
        padding: Value = "VALID",
        data_format: Value = None,
        name: Value = None,
    ) -> Any:
        return pool(emitter, kind, input, ksize, strides, padding, data_format)

    symbol(*names)(apply)


for _kind, _stem in (("Average", "avg_pool"), ("Max", "max_pool")):
    _pool(_kind, f"tf.nn.{_stem}", *(f"tf.nn.{_stem}{n}d" for n in (1, 2, 3)))


@symbol("tf.nn.pool")
def general_pool(
    emitter: Emitter,
    input: Value,
    window_shape: Value,
    pooling_type: Value,
    strides: Value = None,
    padding: Value = "VALID",
    data_format: Value = None,
    dilations: Value = None,
    name: Value = None,
) -> Any:
    kind = {"AVG": "Average", "MAX": "Max"}.get(str(pooling_type))
    if kind is None or any(n != 1 for n in integers(emitter, dilations or [1], "dilations")):
        raise emitter.refuse(f"pooling of type {pooling_type!r} with dilations {dilations!r}")
    steps = [1] * (len(input.shape) - 2) if strides is None else strides
    return pool(emitter, kind, input, window_shape, steps, padding, data_format)
