"""keras/layers/pooling.py."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from k2to3.proof.keras2.convolutional import numbers
from k2to3.proof.keras2.layer import Context, Layer, Make
from k2to3.proof.keras2.options import Options
from k2to3.proof.keras2.tensor import Array, Structure, Tensor
from k2to3.proof.keras2.windows import Window, offsets, padded, window


class Pooling(Layer):
    """The largest or the mean of a window; places outside of the input count for neither.

    Theano pads 'same' by `pool - 1`, or by `pool - 2` for an odd pool, on both sides
    (keras/backend/theano_backend.py `pool2d`).
    """

    since = "1.0"
    source = "keras/layers/pooling.py"
    names = (
        "MaxPooling1D", "MaxPooling2D", "MaxPooling3D", "AveragePooling1D", "AveragePooling2D", "AveragePooling3D",
        "MaxPool1D", "MaxPool2D", "MaxPool3D", "AvgPool1D", "AvgPool2D", "AvgPool3D",
    )  # fmt: skip

    def read(self, options: Options, make: Make) -> None:
        self.rank = int(self.class_name[-2])
        self.maximum = self.class_name.startswith("Max")
        self.size = numbers(options.take("pool_size", 2), self.rank)
        strides = options.take("strides", None)
        self.strides = self.size if strides is None else numbers(strides, self.rank)
        self.padding = str(options.take("padding", "valid"))
        self.first = options.take("data_format", "channels_last") == "channels_first"

    def compute(self, value: Array, context: Context) -> Array:
        if self.author.backend == "cntk" and self.padding == "same":
            raise self.unspecified("the margins of CNTK")
        value = np.moveaxis(value, 1, -1) if self.first else value
        windows = [self.placed(n, *geometry) for n, geometry in zip(value.shape[1:-1], self._geometry(), strict=True)]
        found = maximum(value, windows) if self.maximum else average(value, windows)
        return np.moveaxis(found, -1, 1) if self.first else found

    def _geometry(self) -> list[tuple[int, int]]:
        return list(zip(self.size, self.strides, strict=True))

    def placed(self, length: int, size: int, stride: int) -> Window:
        if self.padding != "same" or not self.author.theano:
            return window(length, size, stride, 1, self.padding, False)
        odd = size % 2 == 1 and (size > 2 or self.rank == 3)
        return Window(size, stride, 1, size - 2 if odd else size - 1, -(-length // stride))


def maximum(x: Array, windows: list[Window]) -> Array:
    lowest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    x = padded(x, windows, lowest)
    parts = [x[(slice(None), *cut)] for _, cut in offsets(windows)]
    return np.asarray(np.maximum.reduce(parts))


def average(x: Array, windows: list[Window]) -> Array:
    inside = padded(np.ones((1, *x.shape[1:-1], 1), x.dtype), windows)
    x = padded(x, windows)
    cuts = [(slice(None), *cut) for _, cut in offsets(windows)]
    return np.asarray(sum(x[cut] for cut in cuts) / sum(inside[cut] for cut in cuts))


class GlobalPooling(Layer):
    """Over all spatial axes."""

    since = "1.0"
    source = "keras/layers/pooling.py"
    history = ("tf.keras 2.6: keepdims",)
    names: ClassVar[tuple[str, ...]] = (
        "GlobalMaxPooling1D", "GlobalMaxPooling2D", "GlobalMaxPooling3D", "GlobalAveragePooling2D",
        "GlobalAveragePooling3D", "GlobalMaxPool1D", "GlobalMaxPool2D", "GlobalMaxPool3D", "GlobalAvgPool2D",
        "GlobalAvgPool3D",
    )  # fmt: skip

    def read(self, options: Options, make: Make) -> None:
        self.first = options.take("data_format", "channels_last") == "channels_first"
        self.keepdims = bool(options.take("keepdims", False))

    def axes(self, value: Array) -> tuple[int, ...]:
        return tuple(range(2, value.ndim)) if self.first else tuple(range(1, value.ndim - 1))

    def compute(self, value: Array, context: Context) -> Array:
        function = np.max if "Max" in self.class_name else np.mean
        if function is np.mean and value.dtype.kind != "f":
            raise self.unspecified("the mean of whole numbers")
        return np.asarray(function(value, axis=self.axes(value), keepdims=self.keepdims))


class GlobalAveragePooling1D(GlobalPooling):
    """The mean over the steps; over those that count where there is a mask. The mask ends here."""

    since = "1.0"
    source = "keras/layers/pooling.py"
    history = ("2.2.3 and tf.keras 1.13: takes a mask; all steps masked gives 0/0",)
    names = ("GlobalAveragePooling1D", "GlobalAvgPool1D")

    def call(self, inputs: Structure, context: Context, **kwargs: Any) -> Structure:
        self.refuse_arguments(kwargs)
        tensor = self.single(inputs)
        if tensor.mask is None:
            return Tensor(self.compute(tensor.value, context))
        if not self.author.since((2, 2, 3), (1, 13)):
            raise self.unspecified("its author's Keras refuses a mask here")
        steps = 2 if self.first else 1
        counts = np.expand_dims(tensor.mask.astype(tensor.value.dtype), 1 if self.first else 2)
        total = np.sum(tensor.value * counts, axis=steps, keepdims=self.keepdims)
        return Tensor(total / np.sum(counts, axis=steps, keepdims=self.keepdims))
