"""Layers of Keras 1 that are no more: keras/layers/core.py, advanced_activations.py, engine/topology.py 1.2.2."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from k2to3.proof.keras2.activation import Elementwise, activation
from k2to3.proof.keras2.activations import sigmoid, softplus
from k2to3.proof.keras2.batch_dot import batch_dot
from k2to3.proof.keras2.core import Dense
from k2to3.proof.keras2.lambdas.function import StoredFunction
from k2to3.proof.keras2.layer import Context, Layer, Make
from k2to3.proof.keras2.merging import MERGES, both, joined
from k2to3.proof.keras2.options import Options
from k2to3.proof.keras2.tensor import Array, Structure, Tensor

GONE = "1.0, gone in 2.0"


class TimeDistributedDense(Dense):
    """Dense on every step; unlike Dense of Keras 1 it passes the mask on."""

    since = GONE
    names = ("TimeDistributedDense",)

    def read(self, options: Options, make: Make) -> None:
        super().read(options, make)
        options.ignore("input_length")

    def passes(self) -> bool:
        return True


class MaxoutDense(Layer):
    """The largest of `nb_feature` linear layers."""

    since = GONE
    source = "keras/layers/core.py"
    names = ("MaxoutDense",)

    def read(self, options: Options, make: Make) -> None:
        options.ignore("units", "nb_feature")
        self.use_bias = bool(options.take("use_bias", True))

    def own_weights(self) -> tuple[Sequence[str], Sequence[str]]:
        return (("kernel", "bias") if self.use_bias else ("kernel",)), ()

    def compute(self, value: Array, context: Context) -> Array:
        found = np.einsum("bi,kio->bko", value, self.weight("kernel", context), optimize=True)
        found = found + self.weight("bias", context) if self.use_bias else found
        return np.asarray(found.max(axis=1))


class Highway(Layer):
    """t * activation(x · W + b) + (1 - t) * x with t = sigmoid(x · W_carry + b_carry)."""

    since = GONE
    source = "keras/layers/core.py"
    names = ("Highway",)

    def read(self, options: Options, make: Make) -> None:
        self.use_bias = bool(options.take("use_bias", True))
        self.activation = activation(options, make)

    def own_weights(self) -> tuple[Sequence[str], Sequence[str]]:
        return (("kernel", "carry", "bias", "carry_bias") if self.use_bias else ("kernel", "carry")), ()

    def compute(self, value: Array, context: Context) -> Array:
        transform, found = (value @ self.weight(name, context) for name in ("carry", "kernel"))
        if self.use_bias:
            transform = transform + self.weight("carry_bias", context)
            found = found + self.weight("bias", context)
        share = sigmoid(transform)
        return np.asarray(share * self.activation(found, context) + (1 - share) * value)


class ParametricSoftplus(Elementwise):
    """alpha * softplus(beta * x)."""

    since = GONE
    source = "keras/layers/advanced_activations.py"
    names = ("ParametricSoftplus",)

    def own_weights(self) -> tuple[Sequence[str], Sequence[str]]:
        return ("alphas", "betas"), ()

    def compute(self, value: Array, context: Context) -> Array:
        return softplus(self.weight("betas", context) * value) * self.weight("alphas", context)


class SReLU(Elementwise):
    """Slopes of its own outside of [t_left, t_left + |t_right|]."""

    since = GONE
    source = "keras/layers/advanced_activations.py"
    names = ("SReLU",)

    def own_weights(self) -> tuple[Sequence[str], Sequence[str]]:
        return ("t_left", "a_left", "t_right", "a_right"), ()

    def compute(self, value: Array, context: Context) -> Array:
        left, slope, width, right_slope = (self.weight(name, context) for name in self.own_weights()[0])
        right = left + np.abs(width)
        below = np.maximum(left - value, 0)
        middle = left + np.minimum(np.maximum(value - left, 0), right - left) - slope * below
        return np.asarray(middle + np.maximum(value - right, 0) * right_slope)


MODES = {"sum": "Add", "mul": "Multiply", "max": "Maximum", "ave": "Average"}


class Merge(Layer):
    """One layer for all merges; dot and cos are `K.batch_dot`, cos divided by the norms and a rank higher.

    A mask ends at dot and cos, and at max it is refused.
    """

    since = GONE
    source = "keras/engine/topology.py"
    names = ("Merge",)

    def read(self, options: Options, make: Make) -> None:
        self.mode = options.take("mode")
        self.concat_axis = int(options.take("concat_axis", -1))
        self.dot_axes = options.take("dot_axes", -1)
        options.ignore("output_shape", "output_shape_type", "output_mask", "output_mask_type", "arguments", "mode_type")
        options.ignore("layers", "node_indices")
        self.arguments = dict(options.values.get("arguments") or {})
        self.function = StoredFunction(self.mode, make.author) if isinstance(self.mode, list) else None
        if self.function is None and self.mode not in (*MODES, "concat", "dot", "cos"):
            raise options.unspecified("a mode that is a function by name")

    def call(self, inputs: Structure, context: Context, **kwargs: Any) -> Structure:
        self.refuse_arguments(kwargs)
        tensors = self.several(inputs)
        values, masks = [t.value for t in tensors], [t.mask for t in tensors]
        if self.function is not None:
            if any(mask is not None for mask in masks) or "mask" in self.function.parameters:
                raise self.unspecified("masks of a function")
            return Tensor(np.asarray(self.function(values, **self.arguments)))
        if self.mode == "concat":
            return Tensor(np.concatenate(values, axis=self.concat_axis), joined(values, masks, self.concat_axis))
        if self.mode in MODES:
            if self.mode == "max" and any(mask is not None for mask in masks):
                raise self.unspecified("its author's Keras refuses a mask here")
            return Tensor(MERGES[MODES[self.mode]](values), both(masks))
        return Tensor(self.products(values[0], values[1]))

    def products(self, x: Array, y: Array) -> Array:
        axes = self.dot_axes if isinstance(self.dot_axes, list) else [self.dot_axes] * 2
        axis = axes[0] % x.ndim, axes[1] % y.ndim
        found = batch_dot(x, y, axis, self.author)
        if self.mode == "dot":
            return found
        square = batch_dot(x, x, (axis[0], axis[0]), self.author) * batch_dot(y, y, (axis[1], axis[1]), self.author)
        return np.expand_dims(found / np.maximum(np.sqrt(square), 1e-7), 1)
