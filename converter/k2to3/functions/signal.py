"""tf.signal: frames and Fourier transforms."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.functions.arguments import count_of, integer, integers, known_extent, one_axis
from k2to3.functions.arithmetic import add_tensors
from k2to3.functions.complex import conj
from k2to3.functions.complex_parts import as_complex, parts
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.indexing import take
from k2to3.functions.operands import as_tensor, elementwise
from k2to3.functions.padding import pad
from k2to3.functions.shaping import reshape, roll
from k2to3.functions.signal_tables import raised_cosine
from k2to3.functions.slicing import getitem
from k2to3.functions.values import Complex, Value
from k2to3.keras3.graph import Tensor

symbol = Family()
complex_symbol = Family()

DEFAULT = "hann"


@symbol("tf.signal.frame")
def frame(
    emitter: Emitter,
    signal: Value,
    frame_length: Value,
    frame_step: Value,
    pad_end: Value = False,
    pad_value: Value = 0,
    axis: Value = -1,
    name: Value = None,
) -> Any:
    """Windows of `frame_length`, one every `frame_step`."""
    tensor = as_tensor(emitter, signal)
    rank = len(tensor.shape)
    along = one_axis(emitter, axis, rank)
    length, step = count_of(emitter, frame_length, "frame_length"), count_of(emitter, frame_step, "frame_step")
    extent = tensor.shape[along]
    if extent is None:
        return _frames_at_run_time(emitter, tensor, length, step, bool(pad_end), along)
    if pad_end:
        count = -(-extent // step)
        missing = max(0, (count - 1) * step + length - extent)
        width = [[0, missing] if i == along else [0, 0] for i in range(rank)]
        tensor = pad(emitter, tensor, width, "CONSTANT", pad_value)
    else:
        count = max(0, 1 + (extent - length) // step)
    if not count:
        raise emitter.refuse(f"frames of {length} in a signal of {extent}: there is none")
    index = (np.arange(count)[:, None] * step + np.arange(length)).astype("int32")

    return take(emitter, tensor, index, along)


def _frames_at_run_time(emitter: Emitter, tensor: Tensor, length: int, step: int, pad_end: bool, axis: int) -> Any:
    if pad_end or axis != len(tensor.shape) - 1:
        raise emitter.refuse(
            "frames of a signal whose length only the running model knows, padded or along this axis",
            hint="give the input a length: --input-shape NAME=16000",
        )
    config = {"sequence_length": length, "sequence_stride": step}
    return emitter.op("math.ExtractSequences", tensor, config=config)


@symbol("tf.signal.overlap_and_add")
def overlap_and_add(emitter: Emitter, signal: Value, frame_step: Value, name: Value = None) -> Any:
    """Frames cut into pieces of one step; each piece is added where it falls."""
    tensor = as_tensor(emitter, signal)
    step, length = integer(emitter, frame_step, "frame_step"), known_extent(emitter, tensor, -1)
    frames, lead = known_extent(emitter, tensor, -2), len(tensor.shape) - 2
    pieces = -(-length // step)
    padded = pad(emitter, tensor, [[0, 0]] * (lead + 1) + [[0, pieces * step - length]])
    whole = (frames + pieces - 1) * step
    total: Any = None
    for i in range(pieces):
        piece = getitem(emitter, padded, [Ellipsis, slice(i * step, (i + 1) * step)])
        placed = pad(emitter, piece, [[0, 0]] * lead + [[i, pieces - 1 - i], [0, 0]])
        total = placed if total is None else add_tensors(emitter, total, placed)
    kept = [-1 if n is None else n for n in tensor.shape[:-2]]
    found = reshape(emitter, total, [*kept, whole])
    return getitem(emitter, found, [Ellipsis, slice(None, (frames - 1) * step + length)])


def _fft_length(emitter: Emitter, value: Value) -> int | None:
    return None if value is None else integers(emitter, value, "fft_length")[-1]


def _floats(emitter: Emitter, tensor: Tensor) -> Tensor:
    if tensor.dtype not in ("float32", "float64"):
        raise emitter.refuse(f"a Fourier transform of {tensor.dtype}")
    return tensor


@symbol("tf.signal.rfft", "tf.raw_ops.RFFT")
def rfft(emitter: Emitter, input: Value, fft_length: Value = None, name: Value = None) -> Complex:
    tensor = _floats(emitter, as_tensor(emitter, input))
    length = _fft_length(emitter, fft_length)
    config = {"fft_length": length}
    return Complex(*emitter.op_many("math.RFFT", tensor, config=config))


@complex_symbol("tf.signal.irfft", "tf.raw_ops.IRFFT")
def irfft(emitter: Emitter, input: Value, fft_length: Value = None, name: Value = None) -> Any:
    real, imag = parts(input)
    config = {"fft_length": _fft_length(emitter, fft_length)}
    return emitter.op("math.IRFFT", [real, imag], config=config)


def _transform(emitter: Emitter, class_name: str, value: Value) -> Complex:
    pair = as_complex(emitter, value)
    _floats(emitter, pair.real)
    made = emitter.op_many(f"math.{class_name}", [pair.real, pair.imag])
    return Complex(*made)


def _inverse(emitter: Emitter, class_name: str, value: Value, axes: int) -> Complex:
    """By the forward transform of the conjugate: Keras 3 has no inverse class of old."""
    turned = _transform(emitter, class_name, conj(emitter, value))
    count = int(np.prod([known_extent(emitter, turned.real, -1 - i) for i in range(axes)]))
    back = conj(emitter, turned)
    return Complex(*(elementwise(emitter, "numpy.Multiply", part, 1.0 / count) for part in parts(back)))


@complex_symbol("tf.signal.fft", "tf.raw_ops.FFT")
def fft(emitter: Emitter, input: Value, name: Value = None) -> Complex:
    return _transform(emitter, "FFT", input)


@complex_symbol("tf.signal.fft2d", "tf.raw_ops.FFT2D")
def fft2d(emitter: Emitter, input: Value, name: Value = None) -> Complex:
    return _transform(emitter, "FFT2", input)


@complex_symbol("tf.signal.ifft", "tf.raw_ops.IFFT")
def ifft(emitter: Emitter, input: Value, name: Value = None) -> Complex:
    return _inverse(emitter, "FFT", input, 1)


@complex_symbol("tf.signal.ifft2d", "tf.raw_ops.IFFT2D")
def ifft2d(emitter: Emitter, input: Value, name: Value = None) -> Complex:
    return _inverse(emitter, "FFT2", input, 2)


def _power_of_two(n: int) -> int:
    return 1 << max(0, n - 1).bit_length()


def _window(emitter: Emitter, frames: Any, window_fn: Value) -> Any:
    if window_fn is None:
        return frames
    if window_fn != DEFAULT:
        raise emitter.refuse(f"the window function {window_fn!r:.40}")
    table = raised_cosine(known_extent(emitter, frames, -1), 0.5, True).astype(frames.dtype)
    return elementwise(emitter, "numpy.Multiply", frames, table)


@symbol("tf.signal.stft")
def stft(
    emitter: Emitter,
    signals: Value,
    frame_length: Value,
    frame_step: Value,
    fft_length: Value = None,
    window_fn: Value = DEFAULT,
    pad_end: Value = False,
    name: Value = None,
) -> Any:
    frames = frame(emitter, signals, frame_length, frame_step, pad_end)
    points = _power_of_two(frames.shape[-1]) if fft_length is None else count_of(emitter, fft_length, "fft_length")
    return rfft(emitter, _window(emitter, frames, window_fn), [points])


@complex_symbol("tf.signal.inverse_stft")
def inverse_stft(
    emitter: Emitter,
    stfts: Value,
    frame_length: Value,
    frame_step: Value,
    fft_length: Value = None,
    window_fn: Value = DEFAULT,
    name: Value = None,
) -> Any:
    length = count_of(emitter, frame_length, "frame_length")
    points = _power_of_two(length) if fft_length is None else count_of(emitter, fft_length, "fft_length")
    frames = irfft(emitter, stfts, [points])
    if points < length:
        frames = pad(emitter, frames, [[0, 0]] * (len(frames.shape) - 1) + [[0, length - points]])
    frames = getitem(emitter, frames, [Ellipsis, slice(None, length)])
    return overlap_and_add(emitter, _window(emitter, frames, window_fn), frame_step)


def _shifted(emitter: Emitter, x: Value, axes: Value, inverse: bool) -> Any:
    tensor = as_tensor(emitter, x)
    rank = len(tensor.shape)
    along = list(range(rank)) if axes is None else integers(emitter, axes, "axes")
    halves = [known_extent(emitter, tensor, axis) // 2 for axis in along]
    return roll(emitter, tensor, [-n for n in halves] if inverse else halves, along)


@symbol("tf.signal.fftshift")
def fftshift(emitter: Emitter, x: Value, axes: Value = None, name: Value = None) -> Any:
    return _shifted(emitter, x, axes, False)


@symbol("tf.signal.ifftshift")
def ifftshift(emitter: Emitter, x: Value, axes: Value = None, name: Value = None) -> Any:
    return _shifted(emitter, x, axes, True)
