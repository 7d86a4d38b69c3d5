"""LocallyConnected1D and 2D: keras/layers/local.py, `K.local_conv`."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from k2to3.proof.keras2.activation import activation
from k2to3.proof.keras2.convolutional import numbers
from k2to3.proof.keras2.layer import Context, Layer, Make
from k2to3.proof.keras2.options import Options
from k2to3.proof.keras2.tensor import Array

Place = tuple[int, ...]


class LocallyConnected(Layer):
    """A convolution with weights of its own at every place.

    `implementation` (tf.keras 1.13) says how the kernel is laid out: 1 by patches, 2 from every input to every
    output, 3 only the pairs that are connected, sorted. A patch holds its places before its channels, but after
    them for channels_first. 'same' (2 and 3 only) begins half a kernel before, unlike a convolution.
    """

    since = "1.0"
    source = "keras/layers/local.py; tensorflow/python/keras/layers/local.py"
    history = ("tf.keras 1.13: implementation; padding='same'",)
    names = ("LocallyConnected1D", "LocallyConnected2D")

    def read(self, options: Options, make: Make) -> None:
        self.rank = int(self.class_name[-2])
        self.filters = int(options.take("filters"))
        self.size = numbers(options.take("kernel_size"), self.rank)
        self.strides = numbers(options.take("strides", 1), self.rank)
        self.same = options.take("padding", "valid") == "same"
        self.first = options.take("data_format", "channels_last") == "channels_first"
        self.use_bias = bool(options.take("use_bias", True))
        self.activation = activation(options, make)
        self.implementation = int(options.take("implementation", 1))
        options.ignore("input_dim", "input_length")

    def own_weights(self) -> tuple[Sequence[str], Sequence[str]]:
        return (("kernel", "bias") if self.use_bias else ("kernel",)), ()

    def compute(self, value: Array, context: Context) -> Array:
        x = np.moveaxis(value, 1, -1) if self.first else value
        spatial = x.shape[1:-1]
        counts = [self.count(n, axis) for axis, n in enumerate(spatial)]
        kernel = self.by_place(self.weight("kernel", context), spatial, counts, x.shape[-1])
        found = np.zeros((len(x), *counts, self.filters), x.dtype)
        for place in itertools.product(*map(range, counts)):
            for offset, source in self.window(place, spatial):
                found[_at(place)] += x[_at(source)] @ kernel[place + offset]
        if self.use_bias:
            found = found + self.bias(counts, context)
        return self.activation(np.moveaxis(found, -1, 1) if self.first else found, context)

    def bias(self, counts: list[int], context: Context) -> Array:
        """(…places, filters); with channels_first `K.bias_add` reshapes it to filters first; nothing moves."""
        bias = self.weight("bias", context)
        return np.moveaxis(bias.reshape(self.filters, *counts), 0, -1) if self.first else bias

    def count(self, length: int, axis: int) -> int:
        size, stride = self.size[axis], self.strides[axis]
        return -(-length // stride) if self.same else (length - size) // stride + 1

    def window(self, place: Place, spatial: Sequence[int]) -> Iterator[tuple[Place, Place]]:
        """Each offset in the window of an output place, and the input place under it."""
        for offset in itertools.product(*map(range, self.size)):
            source = tuple(
                p * s + o - (k // 2 if self.same else 0)
                for p, s, o, k in zip(place, self.strides, offset, self.size, strict=True)
            )
            if all(0 <= n < length for n, length in zip(source, spatial, strict=True)):
                yield offset, source

    def by_place(self, kernel: Array, spatial: Sequence[int], counts: list[int], channels: int) -> Array:
        """The kernel as (…output places, …offsets, channels, filters)."""
        if self.implementation == 1:
            if self.same:
                raise self.unspecified("padding='same' with implementation 1")
            if self.first:
                patches = kernel.reshape(*counts, channels, *self.size, self.filters)
                return np.moveaxis(patches, self.rank, -2)
            return kernel.reshape(*counts, *self.size, channels, self.filters)
        found = np.zeros((*counts, *self.size, channels, self.filters), kernel.dtype)
        if self.implementation == 2:
            self.fill_dense(found, kernel, spatial, counts)
        elif self.implementation == 3:
            self.fill_sparse(found, kernel, spatial, counts, channels)
        else:
            raise self.unspecified(f"implementation={self.implementation}")
        return found

    def fill_dense(self, found: Array, kernel: Array, spatial: Sequence[int], counts: list[int]) -> None:
        """(…input, channels, …output, filters), or channels and filters before the places."""
        if self.first:
            kernel = np.moveaxis(np.moveaxis(kernel, 0, self.rank), self.rank + 1, -1)
        for place in itertools.product(*map(range, counts)):
            for offset, source in self.window(place, spatial):
                found[place + offset] = kernel[_both(source, place)]

    def fill_sparse(
        self, found: Array, kernel: Array, spatial: Sequence[int], counts: list[int], channels: int
    ) -> None:
        """Sorted by the flat output, then the flat input, as `conv_kernel_idxs` is."""
        pairs = []
        for place in itertools.product(*map(range, counts)):
            for offset, source in self.window(place, spatial):
                for channel, filter_ in itertools.product(range(channels), range(self.filters)):
                    target = self.flat(place, counts, filter_, self.filters)
                    pairs.append(
                        (target, self.flat(source, spatial, channel, channels), place, offset, channel, filter_)
                    )
        pairs.sort(key=lambda pair: pair[:2])
        for value, (_, _, place, offset, channel, filter_) in zip(kernel.ravel(), pairs, strict=True):
            found[(*place, *offset, channel, filter_)] = value

    def flat(self, place: Place, spatial: Sequence[int], channel: int, channels: int) -> int:
        index = int(np.ravel_multi_index(place, tuple(spatial)))
        return channel * math.prod(spatial) + index if self.first else index * channels + channel


def _at(place: Place) -> Any:
    """All of the batch at a place."""
    return (slice(None), *place)


def _both(source: Place, place: Place) -> Any:
    """All channels of an input place, all filters of an output place."""
    return (*source, slice(None), *place, slice(None))
