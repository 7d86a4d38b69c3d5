"""keras/layers/convolutional.py: convolutions, their transposes, depthwise and separable ones.

None supports masking. Kernels are (…places, in, out) whatever the data format. A file of Theano holds kernels
that it applied flipped (true convolution): Conv1D-3D and Conv2DTranspose, not the depthwise ones
(keras/engine/saving.py 2.2.4 `_need_convert_kernel`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from k2to3.errors import NotSpecified
from k2to3.proof.keras2.activation import activation
from k2to3.proof.keras2.keras1 import layouts
from k2to3.proof.keras2.layer import Context, Layer, Make
from k2to3.proof.keras2.options import Options
from k2to3.proof.keras2.tensor import Array
from k2to3.proof.keras2.windows import Window, correlate, depthwise, spread, window


def numbers(value: Any, rank: int, least: int = 1) -> list[int]:
    """One for each axis."""
    found = [int(n) for n in value] if isinstance(value, list) else [int(value)] * rank
    if len(found) != rank or min(found) < least:
        raise NotSpecified(f"{value!r} for {rank} axes")
    return found


def flipped(kernel: Array, rank: int) -> Array:
    """Turned around along its places."""
    return np.ascontiguousarray(kernel[tuple([slice(None, None, -1)] * rank)])


class Convolution(Layer):
    """What all of them share: geometry, data format, bias and activation."""

    masking = "drops"
    kernels: tuple[str, ...] = ("kernel",)
    flips = True

    def read(self, options: Options, make: Make) -> None:
        self.rank = int(self.class_name.removesuffix("Transpose")[-2])
        options.ignore("filters", "input_dim", "input_length")
        self.size = numbers(options.take("kernel_size"), self.rank)
        self.strides = numbers(options.take("strides", 1), self.rank)
        self.dilation = numbers(options.take("dilation_rate", 1), self.rank)
        self.padding = str(options.take("padding", "valid"))
        self.first = options.take("data_format", "channels_last") == "channels_first"
        (self.groups,) = numbers(options.take("groups", 1), 1)
        self.use_bias = bool(options.take("use_bias", True))
        self.activation = activation(options, make)

    def own_weights(self) -> tuple[Sequence[str], Sequence[str]]:
        return ((*self.kernels, "bias") if self.use_bias else self.kernels), ()

    def prepared(self, weights: dict[str, Array]) -> dict[str, Array]:
        if self.author.keras1:
            weights = weights | {name: self.of_keras1(weights[name]) for name in self.kernels}
        if self.author.theano and self.flips:
            return weights | {"kernel": flipped(weights["kernel"], self.rank)}
        return weights

    def of_keras1(self, kernel: Array) -> Array:
        return layouts.convolution(kernel, self.rank, self.first, self.size[0])

    def windows(self, value: Array) -> list[Window]:
        if self.author.backend == "cntk" and self.padding == "same":
            raise self.unspecified("the margins of CNTK")
        lengths = value.shape[1:-1]
        geometry = zip(lengths, self.size, self.strides, self.dilation, strict=True)
        return [window(n, k, s, d, self.padding, self.author.theano) for n, k, s, d in geometry]

    def compute(self, value: Array, context: Context) -> Array:
        value = value.astype(context.dtype, copy=False)
        value = np.moveaxis(value, 1, -1) if self.first else value
        found = self.convolved(value, context)
        if self.use_bias:
            found = found + self.weight("bias", context)
        found = np.moveaxis(found, -1, 1) if self.first else found
        return self.activation(found, context)

    def convolved(self, value: Array, context: Context) -> Array:
        raise NotImplementedError


class Conv(Convolution):
    """A convolution; leading axes beyond the batch are batch too (tf.keras 2.3)."""

    since = "1.0"
    source = "keras/layers/convolutional.py"
    history = ("2.0: causal", "tf.keras 2.3: groups", "Keras 1 called the dilated one AtrousConvolution")
    names = ("Conv1D", "Conv2D", "Conv3D", "Convolution1D", "Convolution2D", "Convolution3D")

    def convolved(self, value: Array, context: Context) -> Array:
        extra = value.shape[: value.ndim - self.rank - 1]
        flat = value.reshape(-1, *value.shape[len(extra) :])
        found = correlate(flat, self.weight("kernel", context), self.windows(flat), self.groups)
        return found.reshape(*extra, *found.shape[1:])


class ConvTranspose(Convolution):
    """The gradient of a convolution by its input: `conv_utils.deconv_length` says how long.

    Valid: n * stride + max(kernel - stride, 0); same: n * stride; or with `output_padding` (since 2.2.2).
    """

    since = "1.2"
    source = "keras/layers/convolutional.py; keras/utils/conv_utils.py"
    history = ("2.2.2: output_padding, dilation_rate", "tf.keras 2.3: Conv1DTranspose")
    names = ("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose")

    def read(self, options: Options, make: Make) -> None:
        extra = options.take("output_padding", None)
        # Keras 1's Deconvolution2D was told.
        self.given = options.take("output_shape", None)
        super().read(options, make)
        self.extra = [None] * self.rank if extra is None else numbers(extra, self.rank, 0)

    def convolved(self, value: Array, context: Context) -> Array:
        if self.groups != 1:
            raise self.unspecified("groups of a transposed convolution")
        lengths = [self.length(axis, n) for axis, n in enumerate(value.shape[1:-1])]
        windows = [self.placed(axis, n) for axis, n in enumerate(lengths)]
        return spread(value, self.weight("kernel", context), windows, lengths)

    def of_keras1(self, kernel: Array) -> Array:
        return layouts.transposed(kernel, self.rank, self.first)

    def length(self, axis: int, n: int) -> int:
        if self.given is not None:
            return int(self.given[axis + (2 if self.first else 1)])
        stride, span, extra = self.strides[axis], (self.size[axis] - 1) * self.dilation[axis] + 1, self.extra[axis]
        if extra is not None:
            pad = span // 2 if self.padding == "same" else 0
            return (n - 1) * stride + span - 2 * pad + int(extra)
        return n * stride if self.padding == "same" else n * stride + max(span - stride, 0)

    def placed(self, axis: int, length: int) -> Window:
        return window(
            length, self.size[axis], self.strides[axis], self.dilation[axis], self.padding, self.author.theano
        )


class DepthwiseConv(Convolution):
    """Each channel by itself."""

    since = "2.1.5"
    source = "keras/layers/convolutional.py"
    history = ("tf.keras 2.8: DepthwiseConv1D", "Theano's kernels are not flipped")
    names: ClassVar[tuple[str, ...]] = ("DepthwiseConv1D", "DepthwiseConv2D")
    kernels: tuple[str, ...] = ("depthwise_kernel",)
    flips = False

    def read(self, options: Options, make: Make) -> None:
        options.ignore("depth_multiplier")
        super().read(options, make)

    def convolved(self, value: Array, context: Context) -> Array:
        return depthwise(value, self.weight("depthwise_kernel", context), self.windows(value))


class SeparableConv(DepthwiseConv):
    """Depthwise, then 1 by 1."""

    since = "1.0"
    source = "keras/layers/convolutional.py"
    history = ("2.1.6: SeparableConv1D", "Theano's kernels are not flipped")
    names = ("SeparableConv1D", "SeparableConv2D")
    kernels = ("depthwise_kernel", "pointwise_kernel")

    def convolved(self, value: Array, context: Context) -> Array:
        found = super().convolved(value, context)
        kernel = self.weight("pointwise_kernel", context)
        return found @ kernel.reshape(kernel.shape[-2:])
