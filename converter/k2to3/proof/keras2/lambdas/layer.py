"""Lambda: keras/layers/core.py."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.errors import NotSpecified
from k2to3.proof.keras2.lambdas.function import StoredFunction
from k2to3.proof.keras2.layer import Context, Layer, Make
from k2to3.proof.keras2.options import Options
from k2to3.proof.keras2.tensor import Structure, Tensor, flatten, map_tensors


class Lambda(Layer):
    """A function of the author's, with the names of the module it was written in: `K` is `keras.backend`.

    A mask ends here (Keras 1 refuses one), unless the layer was given a mask.
    """

    since = "1.0"
    source = "keras/layers/core.py"
    names = ("Lambda",)

    def read(self, options: Options, make: Make) -> None:
        if options.take("function_type", "lambda") != "lambda":
            raise options.unspecified("a function by name")
        try:
            self.function = StoredFunction(options.take("function"), make.author)
        except NotSpecified as error:
            raise error.located(layer=options.layer) from None
        if "mask" in self.function.parameters or "training" in self.function.parameters:
            raise options.unspecified("a function that takes a mask or `training`")
        self.arguments = dict(options.take("arguments", None) or {})
        options.ignore(
            "output_shape", "output_shape_type", "output_shape_module", "module", "function_type", "mask_type"
        )
        options.only("mask", None)

    def call(self, inputs: Structure, context: Context, **kwargs: Any) -> Structure:
        self.refuse_arguments(kwargs)
        if self.author.keras1 and any(tensor.mask is not None for tensor in flatten(inputs)):
            raise self.unspecified("its author's Keras refuses a mask here")
        try:
            found = self.function(map_tensors(lambda tensor: tensor.value, inputs), **self.arguments)
        except NotSpecified as error:
            raise error.located(layer=self.name) from None
        if isinstance(found, (list, tuple)):
            return [Tensor(np.asarray(x)) for x in found]
        return Tensor(np.asarray(found))
