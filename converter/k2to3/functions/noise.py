"""Random functions.

Under `predict()` no built-in Keras 3 layer is random: `training=False` overrides what a
graph stores. So a sample becomes its mean at inference, and only when the user said so.
"""

from __future__ import annotations

from typing import Any

from k2to3.errors import UnsupportedOption
from k2to3.functions.arithmetic import add_tensors
from k2to3.functions.creation import filled
from k2to3.functions.dtypes import dtype_name, is_float
from k2to3.functions.emitter import Emitter
from k2to3.functions.entries import Family
from k2to3.functions.operands import elementwise
from k2to3.functions.values import Chance, UniformMean, Value, holds_runtime
from k2to3.keras3.graph import Tensor

symbol = Family()

HINT = "--accept-noise-off converts it: sampling returns its mean and dropout passes its input on at inference"
COMPARISONS = {
    "greater": "more",
    "greater_equal": "more",
    "gt": "more",
    "ge": "more",
    "less": "less",
    "less_equal": "less",
    "lt": "less",
    "le": "less",
}


def random_refused(emitter: Emitter, what: str) -> UnsupportedOption:
    """The refusal of noise that the user did not accept to lose."""
    return emitter.refuse(f"it is random at inference or in training ({what}), which Keras 3 cannot keep", hint=HINT)


def _accept(emitter: Emitter, what: str) -> None:
    if not emitter.noise_off:
        raise random_refused(emitter, what)


def _zeros(emitter: Emitter, shape: Value, dtype: Value, what: str) -> Any:
    _accept(emitter, what)
    kind = dtype_name(emitter, dtype or "float32")
    if not is_float(kind):
        raise random_refused(emitter, f"{what} of integers")
    return filled(emitter, shape, 0, kind)


@symbol("tf.random.normal", "tf.random_normal", "K.random_normal")
def normal(
    emitter: Emitter,
    shape: Value,
    mean: Value = 0.0,
    stddev: Value = 1.0,
    dtype: Value = None,
    seed: Value = None,
    name: Value = None,
) -> Any:
    """Noise of a GaussianNoise layer, which has it in training alone."""
    zeros = _zeros(emitter, shape, dtype, "tensorflow.random.normal")
    kept = isinstance(zeros, Tensor)
    shown = "a tensor" if holds_runtime(mean) else mean
    rest = "the noise stays in training" if kept else "the noise is gone, in training too"
    emitter.note("accepted", f"normal noise is its mean {shown} at inference; {rest}")
    if not kept:
        return add_tensors(emitter, zeros, mean)
    inside = not holds_runtime(stddev) and 0 <= float(stddev) <= 1
    found: Any = emitter.call("GaussianNoise", {"stddev": float(stddev) if inside else 1.0}, zeros)
    if not inside:
        found = elementwise(emitter, "numpy.Multiply", found, stddev)
    return found if not holds_runtime(mean) and float(mean) == 0 else add_tensors(emitter, found, mean)


@symbol("tf.random.truncated_normal", "tf.truncated_normal", "K.truncated_normal")
def truncated_normal(
    emitter: Emitter,
    shape: Value,
    mean: Value = 0.0,
    stddev: Value = 1.0,
    dtype: Value = None,
    seed: Value = None,
    name: Value = None,
) -> Any:
    zeros = _zeros(emitter, shape, dtype, "tensorflow.random.truncated_normal")
    emitter.note("accepted", "truncated normal noise is its mean; the noise is gone, in training too")
    return add_tensors(emitter, zeros, mean)


@symbol("tf.random.uniform", "tf.random_uniform", "K.random_uniform")
def uniform(
    emitter: Emitter,
    shape: Value,
    minval: Value = 0.0,
    maxval: Value = None,
    dtype: Value = None,
    seed: Value = None,
    name: Value = None,
) -> Any:
    zeros = _zeros(emitter, shape, dtype, "tensorflow.random.uniform")
    high = 1.0 if maxval is None else maxval
    if holds_runtime(minval) or holds_runtime(high):
        raise random_refused(emitter, "uniform noise between tensors")
    mean = (float(minval) + float(high)) / 2
    if not isinstance(zeros, Tensor):
        # A comparison with it could not be told from one with a constant.
        raise random_refused(emitter, "tensorflow.random.uniform of a fixed shape")
    emitter.note("accepted", f"uniform noise is its mean {mean}; the noise is gone, in training too")
    return marked(add_tensors(emitter, zeros, mean), float(minval), float(high))


def marked(tensor: Tensor, low: float, high: float) -> UniformMean:
    """The tensor, known to stand for uniform noise."""
    found = UniformMean(tensor.shape, tensor.dtype, tensor.node, tensor.index, low=low, high=high)
    tensor.node.outputs[tensor.index] = found
    return found


def chance(emitter: Emitter, name: str, x: Value, y: Value) -> Chance:
    """Uniform noise against a number: a coin, whose mean is how often it shows heads."""
    noise, other, way = (x, y, COMPARISONS[name]) if isinstance(x, UniformMean) else (y, x, COMPARISONS[name])
    if noise is y:
        way = {"more": "less", "less": "more"}[way]
    if holds_runtime(other):
        raise random_refused(emitter, "uniform noise compared with a tensor")
    below = min(1.0, max(0.0, (float(other) - noise.low) / (noise.high - noise.low)))
    reason = f"it uses random truth values ({name} of uniform noise) otherwise than as numbers, which have a mean"
    return Chance(reason, below if way == "less" else 1 - below, noise)


def _dropped(emitter: Emitter, x: Value, rate: Value) -> Value:
    if not holds_runtime(rate) and rate is not None and float(rate) == 0:
        return x
    _accept(emitter, "tensorflow.nn.dropout")
    emitter.note("accepted", "dropout is left out: it passes its input on at inference and in training")
    return x


@symbol("tf.nn.dropout", "tf.nn.dropout_v2", "K.dropout")
def dropout(
    emitter: Emitter,
    x: Value,
    rate: Value = None,
    noise_shape: Value = None,
    seed: Value = None,
    name: Value = None,
    level: Value = None,
) -> Value:
    return _dropped(emitter, x, level if rate is None else rate)


@symbol("tf.compat.v1.nn.dropout")
def dropout_v1(
    emitter: Emitter,
    x: Value,
    keep_prob: Value = None,
    noise_shape: Value = None,
    seed: Value = None,
    name: Value = None,
    rate: Value = None,
) -> Value:
    return _dropped(emitter, x, rate)
