"""Windows over spatial axes, channels last: where they begin, and the sums over them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from k2to3.errors import NotSpecified
from k2to3.proof.keras2.tensor import Array


@dataclass(frozen=True)
class Window:
    """Along one axis: `size` places `dilation` apart, every `stride`; `low` places before the first value."""

    size: int
    stride: int
    dilation: int
    low: int
    count: int

    @property
    def span(self) -> int:
        return (self.size - 1) * self.dilation + 1


def window(length: int, size: int, stride: int, dilation: int, padding: str, theano: bool) -> Window:
    """TensorFlow's 'same' puts the odd place behind; Theano's 'half' begins half a kernel before, always.

    core/framework/common_shape_fns.cc `GetWindowedOutputSize`; keras/backend/theano_backend.py
    `_preprocess_padding`, `_postprocess_conv2d_output`.
    """
    span = (size - 1) * dilation + 1
    if padding == "same":
        count = -(-length // stride)
        low = span // 2 if theano else max((count - 1) * stride + span - length, 0) // 2
    elif padding == "causal":
        low = span - 1
        count = (length - 1) // stride + 1
    elif padding == "full":
        low = span - 1
        count = (length + span - 2) // stride + 1
    elif padding == "valid":
        low, count = 0, max(0, (length - span) // stride + 1)
    else:
        raise NotSpecified(f"padding {padding!r}")
    return Window(size, stride, dilation, low, count)


def padded(x: Array, windows: Sequence[Window], fill: float = 0.0) -> Array:
    """With as much around as the windows reach."""
    around = [(0, 0)]
    for axis, w in enumerate(windows, 1):
        high = (w.count - 1) * w.stride + w.span - w.low - x.shape[axis]
        around.append((w.low, max(high, 0)))
    return np.pad(x, [*around, (0, 0)], constant_values=fill) if any(map(any, around)) else x


def offsets(windows: Sequence[Window]) -> Iterator[tuple[tuple[int, ...], tuple[slice, ...]]]:
    """Each place of a window, and the slice of the padded values that lies under it."""
    for place in itertools.product(*(range(w.size) for w in windows)):
        yield (
            place,
            tuple(
                slice(n * w.dilation, n * w.dilation + (w.count - 1) * w.stride + 1, w.stride)
                for n, w in zip(place, windows, strict=True)
            ),
        )


def correlate(x: Array, kernel: Array, windows: Sequence[Window], groups: int = 1) -> Array:
    """The convolution of TensorFlow (a correlation); kernel (…places, channels in / groups, channels out)."""
    x = padded(x, windows)
    if groups > 1:
        parts = zip(np.split(x, groups, -1), np.split(kernel, groups, -1), strict=True)
        return np.concatenate([_correlate(part, k, windows) for part, k in parts], axis=-1)
    return _correlate(x, kernel, windows)


def _correlate(x: Array, kernel: Array, windows: Sequence[Window]) -> Array:
    found = np.zeros((len(x), *(w.count for w in windows), kernel.shape[-1]), x.dtype)
    for place, cut in offsets(windows):
        found += x[(slice(None), *cut)] @ kernel[place]
    return found


def depthwise(x: Array, kernel: Array, windows: Sequence[Window]) -> Array:
    """Each channel on its own; kernel (…places, channels, multiplier)."""
    x = padded(x, windows)
    channels, multiplier = kernel.shape[-2:]
    found = np.zeros((len(x), *(w.count for w in windows), channels, multiplier), x.dtype)
    for place, cut in offsets(windows):
        found += x[(slice(None), *cut)][..., np.newaxis] * kernel[place]
    return found.reshape(*found.shape[:-2], channels * multiplier)


def spread(x: Array, kernel: Array, windows: Sequence[Window], lengths: Sequence[int]) -> Array:
    """The transpose of `correlate`; kernel (…places, channels out, channels in), `lengths` of the result."""
    full = [
        max((n - 1) * w.stride + w.span, w.low + length)
        for n, w, length in zip(x.shape[1:-1], windows, lengths, strict=True)
    ]
    found = np.zeros((len(x), *full, kernel.shape[-2]), x.dtype)
    for place in itertools.product(*(range(w.size) for w in windows)):
        cut = tuple(
            slice(p * w.dilation, p * w.dilation + (n - 1) * w.stride + 1, w.stride)
            for p, w, n in zip(place, windows, x.shape[1:-1], strict=True)
        )
        found[(slice(None), *cut)] += x @ kernel[place].T
    return found[(slice(None), *(slice(w.low, w.low + n) for w, n in zip(windows, lengths, strict=True)))]
