"""Layers that are one function: Activation and keras/layers/advanced_activations.py."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from k2to3.errors import NotSpecified
from k2to3.proof.keras2 import activations
from k2to3.proof.keras2.layer import Context, Layer, Make
from k2to3.proof.keras2.options import Options
from k2to3.proof.keras2.tensor import Array, Structure, Tensor

Applied = Callable[[Array, Context], Array]


def activation(options: Options, make: Make, key: str = "activation", default: Any = "linear") -> Applied:
    """The activation under `key`: a function, or a layer without weights of its own."""
    value = options.take(key, default)
    try:
        function = activations.by_name(value)
    except NotSpecified as error:
        raise error.located(layer=options.layer) from None
    if function is not None:
        return lambda x, context: function(x)
    layer = make.config(value if isinstance(value, dict) else {"class_name": value, "config": {"name": value}})
    if any(layer.own_weights()):
        raise options.unspecified("an activation with weights")

    def apply(x: Array, context: Context) -> Array:
        return np.asarray(layer.single(layer(Tensor(x), context)).value)

    return apply


class Elementwise(Layer):
    masking = "passes"


class Activation(Elementwise):
    """An activation by name."""

    since = "1.0"
    source = "keras/layers/core.py"
    names = ("Activation",)

    def read(self, options: Options, make: Make) -> None:
        self.function = activation(options, make)

    def compute(self, value: Array, context: Context) -> Array:
        return self.function(value, context)


class LeakyReLU(Elementwise):
    """alpha * x below zero."""

    wants_floats = True
    since = "1.0"
    source = "keras/layers/advanced_activations.py"
    names = ("LeakyReLU",)

    def read(self, options: Options, make: Make) -> None:
        self.alpha = float(options.take("alpha", 0.3))

    def compute(self, value: Array, context: Context) -> Array:
        return np.where(value >= 0, value, value.dtype.type(self.alpha) * value)


class ELU(Elementwise):
    """alpha * (exp(x) - 1) below zero."""

    wants_floats = True
    since = "1.0"
    source = "keras/layers/advanced_activations.py"
    names = ("ELU",)

    def read(self, options: Options, make: Make) -> None:
        self.alpha = float(options.take("alpha", 1.0))

    def compute(self, value: Array, context: Context) -> Array:
        return activations.elu(value, self.alpha)


class ThresholdedReLU(Elementwise):
    """x where x > theta, else 0."""

    since = "1.0"
    source = "keras/layers/advanced_activations.py"
    names = ("ThresholdedReLU",)

    def read(self, options: Options, make: Make) -> None:
        self.theta = float(options.take("theta", 1.0))

    def compute(self, value: Array, context: Context) -> Array:
        return np.where(value > self.theta, value, 0).astype(value.dtype)


class PReLU(Elementwise):
    """alpha is a weight, of size 1 along `shared_axes`."""

    wants_floats = True
    since = "1.0"
    source = "keras/layers/advanced_activations.py"
    names = ("PReLU",)

    def read(self, options: Options, make: Make) -> None:
        options.ignore("shared_axes")

    def own_weights(self) -> tuple[Sequence[str], Sequence[str]]:
        return ("alpha",), ()

    def compute(self, value: Array, context: Context) -> Array:
        return np.asarray(np.maximum(value, 0) + self.weight("alpha", context) * np.minimum(value, 0))


class ReLU(Layer):
    """A relu with a ceiling, a slope below and a threshold."""

    since = "2.2.0"
    source = "keras/layers/advanced_activations.py"
    history = (
        "2.2.0-2.2.2: only max_value",
        "tf.keras 1.13 to 2.4: supports_masking is false, a mask ends here",
    )
    names = ("ReLU",)

    def read(self, options: Options, make: Make) -> None:
        limit = options.take("max_value", None)
        self.max_value = None if limit is None else float(limit)
        self.slope = float(options.take("negative_slope", 0.0))
        self.threshold = float(options.take("threshold", 0.0))

    def passes(self) -> bool:
        return self.author.standalone or self.author.tensorflow_since(2, 5)

    def compute(self, value: Array, context: Context) -> Array:
        return activations.relu(value, self.slope, self.max_value, self.threshold)


class Softmax(Elementwise):
    """Over an axis or several; where a mask is given, masked positions get -1e9 first."""

    since = "2.1.3"
    source = "keras/layers/advanced_activations.py; tf_keras/src/layers/activation/softmax.py"
    history = ("tf.keras 2.4: the call takes a mask; several axes",)
    names = ("Softmax",)

    def read(self, options: Options, make: Make) -> None:
        axis = options.take("axis", -1)
        self.axis = tuple(axis) if isinstance(axis, list) else int(axis)
        self.robust = bool(options.take("robust_masking", False))

    def call(self, inputs: Structure, context: Context, **kwargs: Any) -> Structure:
        self.refuse_arguments(kwargs)
        tensor = self.single(inputs)
        value = tensor.value
        if tensor.mask is not None and self.author.tensorflow_since(2, 4):
            if self.robust:
                return Tensor(activations.softmax(np.where(tensor.mask > 0.5, value, -1e9), self.axis), tensor.mask)
            penalty = (1 - tensor.mask.astype(value.dtype)) * -1e9
            value = activations.pushed(value, np.broadcast_to(penalty, value.shape))
        return Tensor(activations.softmax(value, self.axis), tensor.mask)
