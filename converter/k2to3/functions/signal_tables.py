"""tf.signal: windows, cosine transforms and mel filters, all of them tables of numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.functions.arguments import integer, known_extent, static
from k2to3.functions.dtypes import dtype_name
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.linalg import product
from k2to3.functions.operands import as_tensor, check_size, elementwise
from k2to3.functions.padding import pad
from k2to3.functions.slicing import getitem
from k2to3.functions.values import Value

symbol = Family()

Array = np.ndarray[Any, Any]


def raised_cosine(length: int, a: float, periodic: bool) -> Array:
    """a - (1 - a)·cos; of odd windows TensorFlow ignores `periodic`."""
    steps = length - 1 + (1 if periodic and length % 2 == 0 else 0)
    if steps == 0:
        return np.ones(1)
    return a - (1 - a) * np.cos(2 * np.pi * np.arange(length) / steps)


def _window(name_: str, a: float) -> None:
    def apply(
        emitter: Emitter,
        window_length: Value,
        periodic: Value = True,
        dtype: Value = "float32",
        name: Value = None,
    ) -> Any:
        length = integer(emitter, window_length, "window_length")
        check_size(emitter, [length])
        return raised_cosine(length, a, bool(periodic)).astype(dtype_name(emitter, dtype))

    symbol(f"tf.signal.{name_}")(apply)


_window("hann_window", 0.5)
_window("hamming_window", 0.54)


def cosine_matrix(n: int, kind: int, ortho: bool) -> Array:
    """(n, n): a row of samples times this is their DCT of the given type."""
    i, k = np.arange(n)[:, None], np.arange(n)[None, :]
    if kind == 1:
        weight = np.where((i == 0) | (i == n - 1), 1.0, 2.0)
        return weight * np.cos(np.pi * i * k / (n - 1))
    if kind == 2:
        matrix = 2 * np.cos(np.pi * k * (2 * i + 1) / (2 * n))
        return matrix * np.where(k == 0, 0.5, np.sqrt(0.5)) / np.sqrt(n) if ortho else matrix
    if kind == 3:
        matrix = np.where(i == 0, 1.0, 2.0) * np.cos(np.pi * i * (2 * k + 1) / (2 * n))
        return matrix * np.where(i == 0, 1.0, np.sqrt(0.5)) / np.sqrt(n) if ortho else matrix
    matrix = 2 * np.cos(np.pi * (2 * i + 1) * (2 * k + 1) / (4 * n))
    return matrix / np.sqrt(2 * n) if ortho else matrix


def _cosine(emitter: Emitter, value: Value, kind: int, norm: Value, n: Value) -> Any:
    if norm not in (None, "ortho") or kind not in (1, 2, 3, 4) or (kind == 1 and norm):
        raise emitter.refuse(f"the cosine transform of type {kind} with norm {norm!r}")
    tensor = as_tensor(emitter, value)
    count = extent = known_extent(emitter, tensor, -1)
    if n is not None:
        count = integer(emitter, n, "n")
        tensor = getitem(emitter, tensor, [Ellipsis, slice(None, min(count, extent))])
        tensor = pad(emitter, tensor, [[0, 0]] * (len(tensor.shape) - 1) + [[0, max(0, count - extent)]])
    check_size(emitter, (count, count))
    return product(emitter, tensor, cosine_matrix(count, kind, norm == "ortho").astype(tensor.dtype))


@symbol("tf.signal.dct")
def dct(
    emitter: Emitter,
    input: Value,
    type: Value = 2,
    n: Value = None,
    axis: Value = -1,
    norm: Value = None,
    name: Value = None,
) -> Any:
    return _cosine(emitter, input, integer(emitter, type, "type"), norm, n)


@symbol("tf.signal.idct")
def idct(
    emitter: Emitter,
    input: Value,
    type: Value = 2,
    n: Value = None,
    axis: Value = -1,
    norm: Value = None,
    name: Value = None,
) -> Any:
    """Types 2 and 3 are each other's inverse, 1 and 4 their own; none is scaled."""
    kind = integer(emitter, type, "type")
    return _cosine(emitter, input, {2: 3, 3: 2}.get(kind, kind), norm, None)


@symbol("tf.signal.mfccs_from_log_mel_spectrograms")
def mfccs(emitter: Emitter, log_mel_spectrograms: Value, name: Value = None) -> Any:
    bins = known_extent(emitter, as_tensor(emitter, log_mel_spectrograms), -1)
    found = dct(emitter, log_mel_spectrograms)
    return elementwise(emitter, "numpy.Multiply", found, float(1 / np.sqrt(bins * 2.0)))


@symbol("tf.signal.linear_to_mel_weight_matrix")
def mel_matrix(
    emitter: Emitter,
    num_mel_bins: Value = 20,
    num_spectrogram_bins: Value = 129,
    sample_rate: Value = 8000,
    lower_edge_hertz: Value = 125.0,
    upper_edge_hertz: Value = 3800.0,
    dtype: Value = "float32",
    name: Value = None,
) -> Any:
    """Triangles on the mel scale of HTK; its first bin is zero."""
    bins, points = integer(emitter, num_mel_bins, "bins"), integer(emitter, num_spectrogram_bins, "bins")
    check_size(emitter, (bins, points))
    rate, low, high = (float(static(emitter, v, "Hz")) for v in (sample_rate, lower_edge_hertz, upper_edge_hertz))
    lines = _mel(np.linspace(0.0, rate / 2, points))[1:, None]
    edges = np.linspace(_mel(low), _mel(high), bins + 2)
    left, centre, right = edges[None, :-2], edges[None, 1:-1], edges[None, 2:]
    rise, fall = (lines - left) / (centre - left), (right - lines) / (right - centre)
    weights = np.maximum(0.0, np.minimum(rise, fall))
    return np.pad(weights, [[1, 0], [0, 0]]).astype(dtype_name(emitter, dtype))


def _mel(hertz: Any) -> Any:
    return 1127.0 * np.log(1.0 + np.asarray(hertz) / 700.0)
