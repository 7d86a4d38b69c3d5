"""Numbers: Normalization and Discretization (tf_keras/src/layers/preprocessing)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from k2to3.proof.keras2.layer import Context, Layer, Make
from k2to3.proof.keras2.options import Options
from k2to3.proof.keras2.preprocessing.encoding import encoded
from k2to3.proof.keras2.tensor import Array, Structure, Tensor


class Normalization(Layer):
    """(x - mean) / max(sqrt(variance), 1e-7), or its inverse; the statistics are weights unless they were given.

    A mask ends here.
    """

    since = "tf.keras 2.3"
    source = "tf_keras/src/layers/preprocessing/normalization.py"
    history = ("2.3: no floor for the deviation", "2.11: invert")
    names = ("Normalization",)

    def read(self, options: Options, make: Make) -> None:
        axis = options.take("axis", -1)
        self.axes = [] if axis is None else ([int(a) for a in axis] if isinstance(axis, list) else [int(axis)])
        mean, variance = options.take("mean", None), options.take("variance", None)
        self.given = None if mean is None else (np.asarray(mean, np.float64), np.asarray(variance, np.float64))
        self.invert = bool(options.take("invert", False))

    def own_weights(self) -> tuple[Sequence[str], Sequence[str]]:
        return (), (("mean", "variance", "count") if self.given is None else ())

    def compute(self, value: Array, context: Context) -> Array:
        value = value.astype(context.dtype, copy=False)
        mean, variance = (self.shaped(x, value).astype(value.dtype) for x in self.statistics(context))
        deviation = np.sqrt(variance)
        if self.author.first < (2, 4) and np.any(deviation < 1e-7):
            raise self.unspecified("a variance next to zero in TensorFlow 2.3")
        deviation = np.maximum(deviation, value.dtype.type(1e-7))
        return np.asarray(value * deviation + mean if self.invert else (value - mean) / deviation)

    def statistics(self, context: Context) -> tuple[Array, Array]:
        return self.given or (self.weight("mean", context), self.weight("variance", context))

    def shaped(self, weight: Array, value: Array) -> Array:
        shape = [1] * value.ndim
        for axis in self.axes:
            shape[axis] = value.shape[axis]
        return np.broadcast_to(weight, [value.shape[a] for a in sorted(a % value.ndim for a in self.axes)]).reshape(
            shape
        )


class Discretization(Layer):
    """How many boundaries are at most x. Boundaries that `adapt` found are computed from the summary it stored."""

    since = "tf.keras 2.3"
    source = "tf_keras/src/layers/preprocessing/discretization.py"
    history = ("2.3 and 2.4: `bins`", "2.4 added an infinity, which nothing reaches", "2.8: output_mode")
    names = ("Discretization",)

    def read(self, options: Options, make: Make) -> None:
        given = options.take("bin_boundaries", None) or options.take("bins", None)
        self.boundaries = None if given is None else np.asarray(given, np.float32)
        self.bins = options.take("num_bins", None)
        self.mode = str(options.take("output_mode", "int"))
        options.ignore("epsilon", "bins", "bin_boundaries")
        options.only("sparse", False)

    def own_weights(self) -> tuple[Sequence[str], Sequence[str]]:
        return (), (("summary",) if self.boundaries is None else ())

    def prepared(self, weights: dict[str, Array]) -> dict[str, Array]:
        if self.boundaries is None:
            self.boundaries = compressed(weights["summary"], int(self.bins))
        return weights

    def call(self, inputs: Structure, context: Context, **kwargs: Any) -> Structure:
        self.refuse_arguments(kwargs)
        tensor = self.single(inputs)
        assert self.boundaries is not None
        found = np.searchsorted(self.boundaries, tensor.value.astype(np.float32), side="right")
        return Tensor(encoded(found, self.mode, len(self.boundaries) + 1, context, self), self.next_mask(tensor.mask))


def compressed(summary: Array, bins: int) -> Array:
    """`get_bin_boundaries`: values of the summary at equal steps of its weight."""
    percents = 1.0 / bins + np.arange(0.0, 1.0, 1.0 / bins)
    weights = summary[1].cumsum()
    return np.asarray(np.interp(percents, weights / weights[-1], summary[0]).astype(np.float32)[:-1])
