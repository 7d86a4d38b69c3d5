"""Frames, windows and transforms: tensorflow/python/ops/signal/."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from k2to3.proof.keras2.ops.arithmetic import Op
from k2to3.proof.keras2.ops.complex import complex_of
from k2to3.proof.keras2.ops.values import axes as along
from k2to3.proof.keras2.ops.values import dtype_of, floats, ints, tensor
from k2to3.proof.keras2.tensor import Array


def frame(
    signal: Any, frame_length: Any, frame_step: Any, pad_end: bool = False, pad_value: Any = 0, axis: int = -1
) -> Array:
    """The axis becomes two: frames, and what is in each."""
    x = np.moveaxis(tensor(signal), axis, -1)
    length, step = ints(frame_length)[0], ints(frame_step)[0]
    samples = x.shape[-1]
    number = -(-samples // step) if pad_end else max(0, 1 + (samples - length) // step)
    missing = max(0, (number - 1) * step + length - samples) if pad_end else 0
    x = np.pad(x, [(0, 0)] * (x.ndim - 1) + [(0, missing)], constant_values=pad_value)
    found = x[..., np.arange(number)[:, np.newaxis] * step + np.arange(length)]
    place = axis % np.ndim(signal)
    return np.moveaxis(found, (-2, -1), (place, place + 1))


def overlap_and_add(signal: Any, frame_step: Any) -> Array:
    x, step = tensor(signal), ints(frame_step)[0]
    frames, length = x.shape[-2:]
    found = np.zeros((*x.shape[:-2], (frames - 1) * step + length), x.dtype)
    for n in range(frames):
        found[..., n * step : n * step + length] += x[..., n, :]
    return found


def _raised_cosine(length: Any, periodic: bool, dtype: Any, a: float, b: float) -> Array:
    """An odd length is symmetric, asked to be periodic or not."""
    size = ints(length)[0]
    steps = size - 1 + (1 if periodic and size % 2 == 0 else 0)
    if steps == 0:
        raise ValueError("a window of one sample")
    return np.asarray(a - b * np.cos(2 * np.pi * np.arange(size) / steps)).astype(dtype_of(dtype, floats()))


def hann_window(window_length: Any, periodic: bool = True, dtype: Any = "float32") -> Array:
    return _raised_cosine(window_length, periodic, dtype, 0.5, 0.5)


def hamming_window(window_length: Any, periodic: bool = True, dtype: Any = "float32") -> Array:
    return _raised_cosine(window_length, periodic, dtype, 0.54, 0.46)


def _length(fft_length: Any) -> int | None:
    return None if fft_length is None else ints(fft_length)[0]


def rfft(input_tensor: Any, fft_length: Any = None) -> Array:
    """Cut, or with zeros after it, to `fft_length`."""
    x = tensor(input_tensor)
    return np.fft.rfft(x, _length(fft_length)).astype(complex_of(x.dtype))


def irfft(input_tensor: Any, fft_length: Any = None) -> Array:
    x = tensor(input_tensor)
    return np.fft.irfft(x, _length(fft_length)).astype(np.real(x).dtype)


def _transform(function: Any) -> Op:
    def op(input: Any) -> Array:
        x = tensor(input)
        if x.dtype.kind != "c":
            raise ValueError("not complex")
        return np.asarray(function(x)).astype(x.dtype)

    return op


def _shift(function: Any) -> Op:
    def op(x: Any, axes: Any = None) -> Array:
        return np.asarray(function(tensor(x), along(axes)))

    return op


def stft(
    signals: Any, frame_length: Any, frame_step: Any, fft_length: Any = None, window_fn: Any = "hann",
    pad_end: bool = False,
) -> Array:  # fmt: skip
    x, length = tensor(signals), ints(frame_length)[0]
    size = _enclosing(length) if fft_length is None else ints(fft_length)[0]
    return rfft(frame(x, length, frame_step, pad_end) * _window(window_fn, length, x), size)


def inverse_stft(
    stfts: Any, frame_length: Any, frame_step: Any, fft_length: Any = None, window_fn: Any = "hann"
) -> Array:
    """What the windows took is not given back."""
    length = ints(frame_length)[0]
    size = _enclosing(length) if fft_length is None else ints(fft_length)[0]
    frames = irfft(stfts, size)[..., :length]
    frames = np.pad(frames, [(0, 0)] * (frames.ndim - 1) + [(0, length - frames.shape[-1])])
    return overlap_and_add(frames * _window(window_fn, length, frames), frame_step)


def _enclosing(length: int) -> int:
    return int(2 ** math.ceil(math.log2(length)))


def _window(function: Any, length: int, like: Array) -> Array:
    if function not in (None, "hann"):
        raise ValueError(f"window_fn={function!r}")
    return np.ones(length, like.dtype) if function is None else hann_window(length, dtype=like.dtype.name)


def dct(input: Any, type: int = 2, n: Any = None, axis: int = -1, norm: Any = None) -> Array:
    """A sum over cosines, of which each type has its own."""
    if axis not in (-1, None) or norm not in (None, "ortho") or (type == 1 and norm):
        raise ValueError(f"axis={axis!r}, norm={norm!r}")
    x = tensor(input)
    if n is not None:
        cut = x[..., : ints(n)[0]]
        x = np.pad(cut, [(0, 0)] * (x.ndim - 1) + [(0, ints(n)[0] - cut.shape[-1])])
    return np.asarray(x @ _cosines(type, x.shape[-1], norm == "ortho").astype(x.dtype))


def _cosines(type: int, size: int, ortho: bool) -> Array:
    """From sample (rows) to frequency (columns)."""
    sample, frequency = np.arange(size)[:, np.newaxis], np.arange(size)
    if type == 1:
        found: Array = 2 * np.cos(np.pi * sample * frequency / (size - 1))
        found[[0, -1]] /= 2
        return found
    if type == 2:
        found = 2 * np.cos(np.pi * (2 * sample + 1) * frequency / (2 * size))
        if ortho:
            found *= np.where(frequency == 0, np.sqrt(1 / (4 * size)), np.sqrt(1 / (2 * size)))
        return found
    if type == 3:
        found = 2 * np.cos(np.pi * sample * (2 * frequency + 1) / (2 * size))
        found[0] /= 2
        if ortho:
            found *= np.where(sample == 0, np.sqrt(1 / size), np.sqrt(1 / (2 * size)))
        return found
    if type == 4:
        found = 2 * np.cos(np.pi * (2 * sample + 1) * (2 * frequency + 1) / (4 * size))
        return np.asarray(found / np.sqrt(2 * size) if ortho else found)
    raise ValueError(f"type={type!r}")


def idct(input: Any, type: int = 2, n: Any = None, axis: int = -1, norm: Any = None) -> Array:
    """The transform of the inverse type; without norm it is not scaled back."""
    if n is not None:
        raise ValueError("n")
    return dct(input, {1: 1, 2: 3, 3: 2, 4: 4}[type], n, axis, norm)


def mfccs(log_mel_spectrograms: Any) -> Array:
    x = tensor(log_mel_spectrograms)
    return np.asarray(dct(x, 2) * x.dtype.type(1 / np.sqrt(2 * x.shape[-1])))


def linear_to_mel_weight_matrix(
    num_mel_bins: Any = 20, num_spectrogram_bins: Any = 129, sample_rate: Any = 8000, lower_edge_hertz: Any = 125.0,
    upper_edge_hertz: Any = 3800.0, dtype: Any = "float32",
) -> Array:  # fmt: skip
    """Triangles between mels; the constant part of a spectrogram is in none."""
    bins, spectrum = ints(num_mel_bins)[0], ints(num_spectrogram_bins)[0]
    here = _mel(np.linspace(0, float(sample_rate) / 2, spectrum))[:, np.newaxis]
    edges = np.linspace(_mel(float(lower_edge_hertz)), _mel(float(upper_edge_hertz)), bins + 2)
    lower, centre, upper = edges[:-2], edges[1:-1], edges[2:]
    found = np.maximum(0, np.minimum((here - lower) / (centre - lower), (upper - here) / (upper - centre)))
    found[0] = 0
    return np.asarray(found.astype(dtype_of(dtype, floats())))


def _mel(hertz: Any) -> Any:
    return 1127 * np.log(1 + hertz / 700)


OPS: dict[str, Op] = {
    "frame": frame,
    "overlap_and_add": overlap_and_add,
    "hann_window": hann_window,
    "hamming_window": hamming_window,
    "rfft": rfft,
    "irfft": irfft,
    "fft": _transform(np.fft.fft),
    "ifft": _transform(np.fft.ifft),
    "fft2d": _transform(np.fft.fft2),
    "ifft2d": _transform(np.fft.ifft2),
    "fftshift": _shift(np.fft.fftshift),
    "ifftshift": _shift(np.fft.ifftshift),
    "stft": stft,
    "inverse_stft": inverse_stft,
    "dct": dct,
    "idct": idct,
    "mfccs_from_log_mel_spectrograms": mfccs,
    "linear_to_mel_weight_matrix": linear_to_mel_weight_matrix,
}
NAMES = {
    **{f"signal.{name}": name for name in OPS},
    "raw_ops.RFFT": "rfft",
    **{f"spectral.{name}": name for name in ("rfft", "irfft", "fft", "ifft", "fft2d", "ifft2d", "dct", "idct")},
    **{name: name for name in ("fft", "ifft", "fft2d", "ifft2d")},
}
