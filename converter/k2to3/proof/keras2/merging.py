"""keras/layers/merge.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from k2to3.proof.keras2 import batch_dot
from k2to3.proof.keras2.layer import Context, Layer, Make
from k2to3.proof.keras2.options import Options
from k2to3.proof.keras2.tensor import Array, Structure, Tensor


def both(masks: list[Array | None]) -> Array | None:
    """`_Merge.compute_mask`: true where every mask that there is is true."""
    known = [mask for mask in masks if mask is not None]
    return np.all(np.stack(known), axis=0) if known else None


def joined(values: list[Array], masks: list[Array | None], axis: int) -> Array | None:
    """`Concatenate.compute_mask`: joined like the values, then true where all of the last axis is."""
    if all(mask is None for mask in masks):
        return None
    parts = []
    for value, mask in zip(values, masks, strict=True):
        if mask is None:
            parts.append(np.ones(value.shape, bool))
        else:
            parts.append(mask[..., np.newaxis] if mask.ndim < value.ndim else mask)
    return np.asarray(np.all(np.concatenate(parts, axis=axis), axis=-1))


class Merge(Layer):
    """Over a list of tensors, element by element; a smaller rank gets axes after the batch (since 2.0.7).

    The mask is the conjunction of those there are, in every generation.
    """

    since = "2.0"
    source = "keras/layers/merge.py"
    masking = "passes"
    names = ("Add", "Multiply", "Average", "Maximum", "Minimum", "Subtract")

    def call(self, inputs: Structure, context: Context, **kwargs: Any) -> Structure:
        self.refuse_arguments(kwargs)
        tensors = self.several(inputs)
        rank = max(tensor.value.ndim for tensor in tensors)
        values = [widened(tensor.value, rank) for tensor in tensors]
        return Tensor(MERGES[self.class_name](values), both([tensor.mask for tensor in tensors]))


def widened(value: Array, rank: int) -> Array:
    return value.reshape(value.shape[:1] + (1,) * (rank - value.ndim) + value.shape[1:])


def _reduce(function: Callable[[Array, Array], Array]) -> Callable[[list[Array]], Array]:
    def reduced(values: list[Array]) -> Array:
        found = values[0]
        for value in values[1:]:
            found = function(found, value)
        return found

    return reduced


MERGES: dict[str, Callable[[list[Array]], Array]] = {
    "Add": _reduce(np.add),
    "Multiply": _reduce(np.multiply),
    "Maximum": _reduce(np.maximum),
    "Minimum": _reduce(np.minimum),
    "Subtract": _reduce(np.subtract),
    "Average": lambda values: _reduce(np.add)(values) / values[0].dtype.type(len(values)),
}


class Concatenate(Layer):
    """Along `axis`."""

    since = "2.0"
    source = "keras/layers/merge.py"
    masking = "passes"
    names = ("Concatenate",)

    def read(self, options: Options, make: Make) -> None:
        self.axis = int(options.take("axis", -1))

    def call(self, inputs: Structure, context: Context, **kwargs: Any) -> Structure:
        self.refuse_arguments(kwargs)
        tensors = self.several(inputs)
        values = [tensor.value for tensor in tensors]
        mask = joined(values, [tensor.mask for tensor in tensors], self.axis)
        return Tensor(np.concatenate(values, axis=self.axis), mask)


class Dot(Layer):
    """`K.batch_dot` along two axes, normalised before if asked; the mask ends here."""

    since = "2.0"
    source = "keras/layers/merge.py"
    history = ("see batch_dot for what four dimensions mean",)
    names = ("Dot",)

    def read(self, options: Options, make: Make) -> None:
        axes = options.take("axes")
        self.axes = [int(a) for a in axes] if isinstance(axes, list) else int(axes)
        self.normalize = bool(options.take("normalize", False))

    def call(self, inputs: Structure, context: Context, **kwargs: Any) -> Structure:
        self.refuse_arguments(kwargs)
        x, y = (tensor.value for tensor in self.several(inputs))
        axes = self.axes if isinstance(self.axes, list) else [self.axes, self.axes]
        first, second = axes[0] % x.ndim, axes[1] % y.ndim
        if self.normalize:
            x, y = batch_dot.normalised(x, first, self.author), batch_dot.normalised(y, second, self.author)
        return Tensor(batch_dot.batch_dot(x, y, (first, second), self.author))
