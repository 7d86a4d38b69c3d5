"""EinsumDense and RandomFourierFeatures: products of tf.keras that multi-backend Keras never had."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from k2to3.proof.keras2.activation import activation
from k2to3.proof.keras2.layer import Context, Layer, Make
from k2to3.proof.keras2.options import Options
from k2to3.proof.keras2.tensor import Array


class EinsumDense(Layer):
    """activation(einsum(equation, x, kernel) + bias); the bias is stored with ones where it broadcasts."""

    since = "tf.keras 2.3 (experimental), 2.4"
    source = "tf_keras/src/layers/core/einsum_dense.py"
    wants_floats = True
    names = ("EinsumDense",)

    def read(self, options: Options, make: Make) -> None:
        self.equation = str(options.take("equation"))
        self.bias_axes = options.take("bias_axes", None)
        options.ignore("output_shape")
        self.activation = activation(options, make)

    def own_weights(self) -> tuple[Sequence[str], Sequence[str]]:
        return (("kernel", "bias") if self.bias_axes is not None else ("kernel",)), ()

    def compute(self, value: Array, context: Context) -> Array:
        found = np.einsum(self.equation, value, self.weight("kernel", context), optimize=True)
        if self.bias_axes is not None:
            found = found + self.weight("bias", context)
        return self.activation(found, context)


class RandomFourierFeatures(Layer):
    """cos(x · kernel / scale + bias); only the scale is trained."""

    since = "tf.keras 2.1 (experimental)"
    source = "tf_keras/src/layers/kernelized.py"
    wants_floats = True
    names = ("RandomFourierFeatures",)

    def read(self, options: Options, make: Make) -> None:
        options.ignore("output_dim", "scale")

    def own_weights(self) -> tuple[Sequence[str], Sequence[str]]:
        return ("scale",), ("kernel", "bias")

    def compute(self, value: Array, context: Context) -> Array:
        kernel = (1 / self.weight("scale", context)) * self.weight("kernel", context)
        return np.asarray(np.cos(value @ kernel + self.weight("bias", context)))
