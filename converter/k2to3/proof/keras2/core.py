"""keras/layers/core.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from k2to3.proof.keras2.activation import activation
from k2to3.proof.keras2.layer import Context, Layer, Make
from k2to3.proof.keras2.options import Options
from k2to3.proof.keras2.tensor import Array, Structure, Tensor


class Dense(Layer):
    """activation(x · kernel + bias) over the last axis."""

    since = "1.0"
    source = "keras/layers/core.py"
    history = ("2.0: a mask passes on",)
    names = ("Dense",)

    def read(self, options: Options, make: Make) -> None:
        options.take("units")
        options.ignore("input_dim")
        self.use_bias = bool(options.take("use_bias", True))
        self.activation = activation(options, make)

    def own_weights(self) -> tuple[Sequence[str], Sequence[str]]:
        return (("kernel", "bias") if self.use_bias else ("kernel",)), ()

    def passes(self) -> bool:
        return not self.author.keras1

    def compute(self, value: Array, context: Context) -> Array:
        found = value.astype(context.dtype, copy=False) @ self.weight("kernel", context)
        if self.use_bias:
            found = found + self.weight("bias", context)
        return self.activation(found, context)


class Masking(Layer):
    """Steps whose features all equal the mask value are zeroed and masked; an older mask is forgotten."""

    since = "1.0"
    source = "keras/layers/core.py"
    names = ("Masking",)

    def read(self, options: Options, make: Make) -> None:
        self.mask_value = float(options.take("mask_value", 0.0))

    def call(self, inputs: Structure, context: Context, **kwargs: Any) -> Structure:
        self.refuse_arguments(kwargs)
        value = self.single(inputs).value
        # The mask value is compared in float32, as TensorFlow holds both.
        counts = np.any(value != np.float32(self.mask_value).astype(value.dtype), axis=-1)
        return Tensor(value * counts[..., np.newaxis].astype(value.dtype), counts)


class Embedding(Layer):
    """Rows of a table; IDs are cast to int32, which cuts fractions off.

    TensorFlow on a CPU raises on an ID outside of the table, so there is no claim for it.
    """

    since = "1.0"
    source = "keras/layers/embeddings.py"
    history = ("the mask compares the IDs as they came with 0, before the cast",)
    names = ("Embedding",)

    def read(self, options: Options, make: Make) -> None:
        self.rows = options.take("input_dim")
        options.ignore("output_dim", "input_length", "dropout")
        options.only("sparse", False)
        self.mask_zero = bool(options.take("mask_zero", False))

    def own_weights(self) -> tuple[Sequence[str], Sequence[str]]:
        return ("embeddings",), ()

    def call(self, inputs: Structure, context: Context, **kwargs: Any) -> Structure:
        self.refuse_arguments(kwargs)
        value = self.single(inputs).value
        table = self.weight("embeddings", context)
        ids = value.astype(np.int32) if value.dtype != np.int64 else value
        if ids.size and (ids.min() < 0 or ids.max() >= len(table)):
            raise self.unspecified("an ID outside of the table")
        return Tensor(table[ids], value != 0 if self.mask_zero else None)


class Ending(Layer):
    """`add_loss` and `add_metric` of a Functional model: what comes goes on."""

    since = "tf.keras 2.0"
    source = "tf_keras/src/engine/base_layer.py"
    names = ("AddLoss", "AddMetric")

    def read(self, options: Options, make: Make) -> None:
        options.ignore("unconditional", "aggregation", "metric_name")

    def call(self, inputs: Structure, context: Context, **kwargs: Any) -> Structure:
        self.refuse_arguments(kwargs)
        if any(tensor.mask is not None for tensor in self.several(inputs)):
            raise self.unspecified("whether a mask passes on")
        return inputs


class Identity(Layer):
    """What comes; the mask ends here."""

    since = "tf.keras 2.11"
    source = "tf_keras/src/layers/core/identity.py"
    names = ("Identity", "Layer")

    def call(self, inputs: Structure, context: Context, **kwargs: Any) -> Structure:
        self.refuse_arguments(kwargs)
        tensor = self.single(inputs)
        return Tensor(tensor.value, self.next_mask(tensor.mask))
