"""Layers that move values: keras/layers/core.py (Flatten …) and convolutional.py (padding, cropping, upsampling).

None of them supports masking: tf.keras lets the mask end here, multi-backend Keras refuses it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from k2to3.proof.keras2 import resize
from k2to3.proof.keras2.layer import Context, Layer, Make
from k2to3.proof.keras2.options import Options
from k2to3.proof.keras2.tensor import Array


def channels_first(options: Options, make: Make) -> bool:
    """`data_format`; files without one are of before it existed, or channels_last."""
    return bool(options.take("data_format", "channels_last") == "channels_first")


def pairs(value: Any, rank: int) -> list[tuple[int, int]]:
    """One number, one per axis, or two per axis."""
    if isinstance(value, (int, float)):
        value = [value] * rank
    if rank == 1 and len(value) == 2 and not isinstance(value[0], list):
        return [(int(value[0]), int(value[1]))]
    return [(int(v), int(v)) if isinstance(v, (int, float)) else (int(v[0]), int(v[1])) for v in value]


class Flatten(Layer):
    """To (batch, everything); channels_first moves the channels last before (since 2.1.6)."""

    since = "1.0"
    source = "keras/layers/core.py"
    history = ("2.1.6: data_format; before, no axis was moved",)
    names = ("Flatten",)

    def read(self, options: Options, make: Make) -> None:
        # An architecture that was ported may say it of weights that are older.
        self.first = channels_first(options, make) and make.author.since((2, 1, 6), (0,))

    def compute(self, value: Array, context: Context) -> Array:
        if self.first and value.ndim > 2:
            value = np.moveaxis(value, 1, -1)
        return value.reshape(len(value), math.prod(value.shape[1:]))


class Reshape(Layer):
    """To `target_shape`, with one -1."""

    since = "1.0"
    source = "keras/layers/core.py"
    names = ("Reshape",)

    def read(self, options: Options, make: Make) -> None:
        self.shape = [-1 if n is None else int(n) for n in options.take("target_shape")]

    def compute(self, value: Array, context: Context) -> Array:
        return value.reshape(len(value), *self.shape)


class Permute(Layer):
    """Axes in the order of `dims`, counted from 1."""

    since = "1.0"
    source = "keras/layers/core.py"
    names = ("Permute",)

    def read(self, options: Options, make: Make) -> None:
        self.dims = tuple(int(d) for d in options.take("dims"))

    def compute(self, value: Array, context: Context) -> Array:
        return value.transpose(0, *self.dims)


class RepeatVector(Layer):
    """(batch, features) → (batch, n, features)."""

    since = "1.0"
    source = "keras/layers/core.py"
    names = ("RepeatVector",)

    def read(self, options: Options, make: Make) -> None:
        self.n = int(options.take("n"))

    def compute(self, value: Array, context: Context) -> Array:
        return np.repeat(value[:, np.newaxis], self.n, axis=1)


class ZeroPadding(Layer):
    """Zeros around the spatial axes."""

    since = "1.0"
    source = "keras/layers/convolutional.py"
    names = ("ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D")

    def read(self, options: Options, make: Make) -> None:
        self.rank = int(self.class_name[-2])
        self.padding = pairs(options.take("padding", 1), self.rank)
        self.first = channels_first(options, make)

    def compute(self, value: Array, context: Context) -> Array:
        around = [(0, 0), (0, 0), *self.padding] if self.first else [(0, 0), *self.padding, (0, 0)]
        return np.pad(value, around)


class Cropping(Layer):
    """Cuts the spatial axes on both sides."""

    since = "1.0"
    source = "keras/layers/convolutional.py"
    names = ("Cropping1D", "Cropping2D", "Cropping3D")

    def read(self, options: Options, make: Make) -> None:
        self.rank = int(self.class_name[-2])
        self.cropping = pairs(options.take("cropping", 1), self.rank)
        self.first = channels_first(options, make)

    def compute(self, value: Array, context: Context) -> Array:
        begin = 2 if self.first else 1
        index = [slice(None)] * value.ndim
        for axis, (low, high) in enumerate(self.cropping, begin):
            index[axis] = slice(low, value.shape[axis] - high)
        return value[tuple(index)]


class UpSampling(Layer):
    """Repeats each value; UpSampling2D can interpolate since 2.2.3."""

    since = "1.0"
    source = "keras/layers/convolutional.py; keras/backend/*_backend.py `resize_images`"
    history = (
        "2.2.3 and tf.keras 1.13: interpolation, which 1.13 and 1.14 never wrote",
        "bilinear: legacy corners (no half-pixel centres) in multi-backend Keras, half-pixel centres in tf.keras",
        "tf.keras 2.6: other interpolations",
    )
    names = ("UpSampling1D", "UpSampling2D", "UpSampling3D")

    def read(self, options: Options, make: Make) -> None:
        self.rank = int(self.class_name[-2])
        size = options.take("size", 2)
        self.size = [int(size)] * self.rank if isinstance(size, (int, float)) else [int(n) for n in size]
        self.first = channels_first(options, make)
        self.interpolation = self.method(options)

    def compute(self, value: Array, context: Context) -> Array:
        begin = 2 if self.first else 1
        if self.interpolation == "nearest":
            for axis, size in enumerate(self.size, begin):
                value = np.repeat(value, size, axis=axis)
            return value
        images = np.moveaxis(value, 1, -1) if self.first else value
        height, width = images.shape[1] * self.size[0], images.shape[2] * self.size[1]
        try:
            found = resize.images(images, height, width, self.interpolation, self.half_pixels())
        except KeyError:
            raise self.unspecified(f"interpolation {self.interpolation!r}") from None
        return np.moveaxis(found, -1, 1) if self.first else found

    def method(self, options: Options) -> str:
        if self.rank != 2:
            return "nearest"
        if "interpolation" not in options.values and not self.author.standalone and self.author.last >= (1, 13):
            raise self.unspecified("TensorFlow 1.13 and 1.14 never wrote whether it is nearest or bilinear")
        found = str(options.take("interpolation", "nearest"))
        if found == "bilinear" and self.author.theano and self.size != [2, 2]:
            raise self.unspecified("Theano upsamples bilinearly by 2 only")
        return found

    def half_pixels(self) -> bool:
        return not self.author.standalone
