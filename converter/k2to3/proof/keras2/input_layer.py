"""Where a model begins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from k2to3.proof.keras2.layer import Context, Layer, Make
from k2to3.proof.keras2.options import Options
from k2to3.proof.keras2.policy import rounded
from k2to3.proof.keras2.tensor import Array, Structure


class InputLayer(Layer):
    """Takes values of its dtype; a missing last axis of 1 is added, one too many taken away.

    In a nested model tf.keras casts to the declared dtype since TensorFlow 2.2
    (`_conform_to_reference_input`, engine/functional.py); multi-backend Keras takes what comes.
    """

    since = "1.0"
    source = "keras/engine/topology.py"
    history = ("2.2: tf.keras casts the inputs of nested models",)
    masking = "passes"
    names = ("InputLayer",)

    def read(self, options: Options, make: Make) -> None:
        shape = options.values.get("batch_input_shape") or options.values.get("batch_shape")
        self.shape = list(shape) if isinstance(shape, list) else None
        self.dtype = None
        self.declared = options.values.get("dtype") or "float32"
        options.ignore("input_dtype", "ragged", "sparse")
        options.only("optional", False, None)
        options.only("type_spec", None)
        if options.values.get("ragged") or options.values.get("sparse"):
            raise self.unspecified("ragged or sparse inputs")

    def call(self, inputs: Structure, context: Context, **kwargs: object) -> Structure:
        tensor = self.single(inputs)
        value = self.conform(tensor.value, context)
        if context.path and (value.dtype != tensor.value.dtype or value.shape != tensor.value.shape):
            # Asked for only where it makes a difference.
            value = value if self.author.since(None, (2, 2)) else tensor.value
        return replace(tensor, value=value)

    def conform(self, value: Array, context: Context) -> Array:
        if value.dtype.kind in "OSU" or self.declared == "string":
            return value
        if self.shape is not None and value.ndim == len(self.shape) - 1 and self.shape[-1] == 1:
            value = value[..., np.newaxis]
        elif self.shape is not None and value.ndim == len(self.shape) + 1 and value.shape[-1] == 1:
            if not self.author.since(None, (2, 2)):
                raise self.unspecified("an axis of 1 too many")
            value = value[..., 0]
        if self.declared in ("float16", "bfloat16"):
            return rounded(value.astype(context.dtype), self.declared)
        cast = value.astype(self.declared)
        return cast.astype(context.dtype) if cast.dtype.kind == "f" and self.declared != "float64" else cast
