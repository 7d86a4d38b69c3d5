"""Convolutions with kernels that are constants or tensors, and pooling."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.functions.emitter import Emitter
from k2to3.functions.operands import (
    as_tensor,
    constant_array,
    elementwise,
    integers,
    known_extent,
    operand,
    shape_of,
    static,
)
from k2to3.functions.registry import symbol
from k2to3.functions.shaping import pad, transpose
from k2to3.functions.values import Value, holds_runtime
from k2to3.keras3.graph import Tensor
from k2to3.keras3.layer import Layer
from k2to3.weights import Constant


def spatial(emitter: Emitter, value: Value, rank: int, what: str, channels_first: bool = False) -> list[int]:
    """`2`, `[2, 2]` or `[1, 2, 2, 1]` → one number for each spatial axis."""
    if value is None:
        return [1] * rank
    found = integers(emitter, value, what)
    if len(found) == 1:
        return found * rank
    if len(found) == rank + 2:
        inner = found[2:] if channels_first else found[1:-1]
        if any(n != 1 for n in (found[0], found[1] if channels_first else found[-1])):
            raise emitter.refuse(f"{what} {found} over batch or channels")
        return inner
    if len(found) != rank:
        raise emitter.refuse(f"{what} {found} for {rank} spatial axes")
    return found


def channels_first(data_format: Value) -> bool:
    return str(data_format or "").upper() in ("NCHW", "NCW", "NCDHW", "CHANNELS_FIRST")


def to_last(emitter: Emitter, x: Value, first: bool) -> Any:
    rank = len(shape_of(x))
    return transpose(emitter, x, [0, *range(2, rank), 1]) if first else x


def to_first(emitter: Emitter, x: Value, first: bool) -> Any:
    rank = len(shape_of(x))
    return transpose(emitter, x, [0, rank - 1, *range(1, rank - 1)]) if first else x


def padding_of(emitter: Emitter, x: Value, padding: Value) -> tuple[Any, str]:
    """The input, padded where TensorFlow was given explicit widths, and valid or same."""
    if isinstance(padding, (list, tuple)):
        return pad(emitter, x, padding), "valid"
    found = str(padding).lower()
    if found not in ("valid", "same"):
        raise emitter.refuse(f"padding {padding!r}")
    return x, found


def output_extent(extent: int | None, window: int, stride: int, dilation: int, padding: str) -> int | None:
    if extent is None:
        return None
    if padding == "same":
        return -(-extent // stride)
    return max(0, -(-(extent - dilation * (window - 1)) // stride))


def convolve(
    emitter: Emitter,
    class_name: str,
    x: Value,
    kernel: Value,
    strides: Value,
    padding: Value,
    data_format: Value,
    dilations: Value,
) -> Any:
    first = channels_first(data_format)
    tensor, mode = padding_of(emitter, as_tensor(emitter, x), padding)
    rank = len(tensor.shape) - 2
    steps = spatial(emitter, strides, rank, "strides", first)
    spread = spatial(emitter, dilations, rank, "dilations", first)
    tensor = to_last(emitter, tensor, first)
    filters = operand(emitter, kernel, tensor.dtype)
    window = shape_of(filters)
    if None in window:
        raise emitter.refuse("a kernel whose shape only the running model knows")
    channels = int(window[-1] or 0) * (int(window[-2] or 0) if class_name == "DepthwiseConv" else 1)
    inner = [
        output_extent(n, int(w or 0), s, d, mode)
        for n, w, s, d in zip(tensor.shape[1:-1], window, steps, spread, strict=False)
    ]
    config = {"strides": _one(steps), "padding": mode, "data_format": "channels_last", "dilation_rate": _one(spread)}
    shape = (tensor.shape[0], *inner, channels)
    found = emitter.op(f"nn.{class_name}", tensor, filters, config=config, shape=shape, dtype=tensor.dtype)
    return to_first(emitter, found, first)


def _one(values: list[int]) -> Any:
    return values[0] if len(set(values)) == 1 else values


@symbol("tf.nn.conv1d", "tf.compat.v1.nn.conv1d")
def conv1d(
    emitter: Emitter,
    input: Value,
    filters: Value,
    stride: Value = 1,
    padding: Value = "VALID",
    data_format: Value = None,
    dilations: Value = None,
    name: Value = None,
) -> Any:
    return convolve(emitter, "Conv", input, filters, stride, padding, data_format, dilations)


@symbol("tf.nn.conv2d", "tf.nn.conv3d", "tf.nn.convolution", "tf.compat.v1.nn.conv2d", "tf.compat.v1.nn.conv3d")
def conv(
    emitter: Emitter,
    input: Value,
    filters: Value,
    strides: Value = None,
    padding: Value = "VALID",
    data_format: Value = None,
    dilations: Value = None,
    name: Value = None,
) -> Any:
    return convolve(emitter, "Conv", input, filters, strides, padding, data_format, dilations)


@symbol("tf.compat.v1.nn.convolution")
def convolution_v1(
    emitter: Emitter,
    input: Value,
    filters: Value,
    padding: Value = "VALID",
    strides: Value = None,
    dilation_rate: Value = None,
    name: Value = None,
    data_format: Value = None,
    dilations: Value = None,
) -> Any:
    spread = dilations if dilation_rate is None else dilation_rate
    return convolve(emitter, "Conv", input, filters, strides, padding, data_format, spread)


@symbol("tf.nn.atrous_conv2d")
def atrous_conv2d(
    emitter: Emitter, input: Value, filters: Value, rate: Value, padding: Value, name: Value = None
) -> Any:
    return convolve(emitter, "Conv", input, filters, 1, padding, None, rate)


@symbol("tf.nn.depthwise_conv2d", "tf.nn.depthwise_conv2d_native")
def depthwise_conv2d(
    emitter: Emitter,
    input: Value,
    filter: Value,
    strides: Value,
    padding: Value,
    data_format: Value = None,
    dilations: Value = None,
    name: Value = None,
    rate: Value = None,
) -> Any:
    return convolve(
        emitter, "DepthwiseConv", input, filter, strides, padding, data_format, dilations if rate is None else rate
    )


@symbol("tf.nn.separable_conv2d")
def separable_conv2d(
    emitter: Emitter,
    input: Value,
    depthwise_filter: Value,
    pointwise_filter: Value,
    strides: Value,
    padding: Value,
    data_format: Value = None,
    dilations: Value = None,
    name: Value = None,
    rate: Value = None,
) -> Any:
    found = depthwise_conv2d(emitter, input, depthwise_filter, strides, padding, data_format, dilations, None, rate)
    return convolve(emitter, "Conv", found, pointwise_filter, 1, "VALID", data_format, 1)


@symbol("tf.nn.conv2d_transpose", "tf.nn.conv1d_transpose", "tf.nn.conv3d_transpose", "tf.nn.conv_transpose")
def conv_transpose(
    emitter: Emitter,
    input: Value,
    filters: Value,
    output_shape: Value,
    strides: Value,
    padding: Value = "SAME",
    data_format: Value = None,
    dilations: Value = None,
    name: Value = None,
) -> Any:
    """Only output shapes that Keras 3 would choose itself."""
    if channels_first(data_format):
        raise emitter.refuse("a transposed convolution in NCHW")
    tensor = as_tensor(emitter, input)
    rank = len(tensor.shape) - 2
    steps = spatial(emitter, strides, rank, "strides")
    if any(n != 1 for n in spatial(emitter, dilations, rank, "dilations")):
        raise emitter.refuse("a dilated transposed convolution")
    tensor, mode = padding_of(emitter, tensor, padding)
    if holds_runtime(filters):
        raise emitter.refuse("a transposed convolution with a kernel that is computed")
    kernel = constant_array(emitter, filters, tensor.dtype)
    window = kernel.shape
    inner = []
    for axis, (step, size) in enumerate(zip(steps, window, strict=False)):
        extent = known_extent(emitter, tensor, axis + 1)
        inner.append(extent * step + (max(int(size or 0) - step, 0) if mode == "valid" else 0))
    wanted = list(output_shape) if isinstance(output_shape, (list, tuple, np.ndarray)) else None
    if wanted is None or [static(emitter, n, "output_shape") for n in wanted[1:-1]] != inner:
        raise emitter.refuse(f"a transposed convolution to another shape than {inner}")
    return transposed(emitter, tensor, kernel, steps, mode)


def transposed(emitter: Emitter, tensor: Tensor, kernel: Any, steps: list[int], mode: str) -> Tensor:
    """A layer with a frozen kernel: Keras 3's op passes its arguments in the wrong order (3.4 to 3.15)."""
    rank = len(steps)
    emitter.note("rebuilt", "the constant kernel of a transposed convolution is a frozen weight of a layer")
    config = {
        "filters": int(kernel.shape[-2]),
        "kernel_size": [int(n) for n in kernel.shape[:rank]],
        "strides": steps,
        "padding": mode,
        "data_format": "channels_last",
        "use_bias": False,
    }
    class_name = f"Conv{rank}DTranspose"
    variables = [Constant(np.asarray(kernel, "float32"), "the constant kernel")]
    layer = Layer(emitter.weight_name(class_name), class_name, config, variables=list(variables), trainable=False)
    return emitter.call_layer(layer, tensor)


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
