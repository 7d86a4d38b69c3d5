"""Layers that stand for one function of TensorFlow: TFOpLambda, SlicingOpLambda (2.4 and later).

They drop masks; where the function gives its argument back as it is, TensorFlow keeps the mask, and there is no claim.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.proof.keras2.layer import Context, Layer, Make
from k2to3.proof.keras2.ops.shaping import getitem
from k2to3.proof.keras2.ops.table import NAMES, find
from k2to3.proof.keras2.options import Options
from k2to3.proof.keras2.tensor import Structure, Tensor, flatten, map_tensors

MAY_PASS = (
    "cast", "convert_to_tensor", "identity", "stop_gradient", "real", "conj", "saturate_cast", "to_float", "to_double",
    "to_int32", "to_int64", "identity_n", "tuple", "verify_tensor_all_finite",
)  # fmt: skip


class TFOpLambda(Layer):
    """`tf.<function>`: the first argument is the node, all others are kwargs."""

    since = "tf.keras 2.4"
    source = "tf_keras/src/layers/core/tf_op_layer.py"
    names = ("TFOpLambda",)

    def read(self, options: Options, make: Make) -> None:
        self.function = str(options.take("function"))
        found = find(self.function)
        if found is None:
            raise options.unspecified(f"no entry for tf.{self.function}")
        self.op = found

    def call(self, inputs: Structure, context: Context, **kwargs: Any) -> Structure:
        kwargs.pop("name", None)
        if NAMES[self.function] in MAY_PASS and any(tensor.mask is not None for tensor in flatten([inputs, kwargs])):
            raise self.unspecified("whether its mask passes on")
        others = {key: _values(value) for key, value in kwargs.items()}
        found = self.op(_values(inputs), **others)
        if found is None:
            raise self.unspecified("it gives no tensor")
        return [Tensor(np.asarray(x)) for x in found] if isinstance(found, list) else Tensor(np.asarray(found))


def _values(structure: Structure) -> Structure:
    return map_tensors(lambda tensor: tensor.value, structure)


class SlicingOpLambda(Layer):
    """`x[…]`."""

    since = "tf.keras 2.4"
    source = "tf_keras/src/layers/core/tf_op_layer.py"
    names = ("SlicingOpLambda",)

    def read(self, options: Options, make: Make) -> None:
        function = str(options.take("function"))
        if function != "__operators__.getitem":
            raise options.unspecified(f"no entry for tf.{function}")

    def call(self, inputs: Structure, context: Context, **kwargs: Any) -> Structure:
        spec = kwargs.pop("slice_spec")
        kwargs.pop("name", None)
        self.refuse_arguments(kwargs)
        items = [self.item(x) for x in (spec if isinstance(spec, list) else [spec])]
        return Tensor(np.asarray(getitem(self.single(inputs).value, items)))

    def item(self, value: Any) -> Any:
        if isinstance(value, dict) and set(value) == {"start", "stop", "step"}:
            return slice(*(self.bound(value[key]) for key in ("start", "stop", "step")))
        if isinstance(value, dict) and value.get("class_name") == "__ellipsis__":
            return ...
        return None if value is None else self.bound(value)

    def bound(self, value: Any) -> Any:
        if isinstance(value, Tensor):
            value = value.value
        return None if value is None else int(value)
