"""TimeDistributed: keras/layers/wrappers.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from k2to3.proof.keras2.layer import Context, Layer, Make
from k2to3.proof.keras2.options import Options
from k2to3.proof.keras2.tensor import Array, Structure, Tensor, flatten, map_tensors


class TimeDistributed(Layer):
    """The inner layer on every step: batch and time as one axis.

    Masks: to 2.1.6 the inner layer gets none, and the mask passes on as it is. Since 2.2.0 and tf.keras 1.13 the
    inner layer gets its part; the mask after is that of the inner layer, or else the old one reduced to (batch, time).
    With a fixed batch size, and a layer that may hold state, multi-backend Keras steps through time without masks.
    """

    since = "1.0"
    source = "keras/layers/wrappers.py"
    history = ("2.2.0: compute_mask", "tf.keras 1.13: the same")
    masking = "passes"
    names = ("TimeDistributed",)

    def outgoing(self, tensor: Tensor) -> Tensor:
        """In the type of the inner layer, whatever the wrapper's policy."""
        return tensor

    def read(self, options: Options, make: Make) -> None:
        self.layer = make.config(options.take("layer"))
        options.ignore("input_dim", "input_length")

    def children(self) -> Sequence[tuple[str, Layer]]:
        return (("layer", self.layer),)

    def call(self, inputs: Structure, context: Context, **kwargs: Any) -> Structure:
        self.refuse_arguments(kwargs)
        tensors = list(flatten(inputs))
        batch, steps = tensors[0].value.shape[:2]
        mask = tensors[0].mask
        if len(tensors) > 1 and any(tensor.mask is not None for tensor in tensors):
            raise self.unspecified("masks of several inputs")
        if context.fixed_batch and (mask is not None or getattr(self.layer, "stateful", False)):
            raise self.unspecified("a fixed batch size with a mask or a stateful layer")
        asks = self.asks_inner()
        joined = map_tensors(
            lambda t: Tensor(_join(t.value), _join(t.mask) if asks and t.mask is not None else None), inputs
        )
        found = self.layer(joined, context)

        def split(tensor: Tensor) -> Tensor:
            value = tensor.value.reshape(batch, steps, *tensor.value.shape[1:])
            return Tensor(value, self.mask_after(tensor.mask, mask, batch, steps))

        return map_tensors(split, found)

    def asks_inner(self) -> bool:
        version = self.author.keras
        return version is None or version >= (2, 2)

    def mask_after(self, inner: Array | None, mask: Array | None, batch: int, steps: int) -> Array | None:
        if not self.asks_inner():
            return mask
        if inner is not None:
            return inner.reshape(batch, steps, *inner.shape[1:])
        return None if mask is None else np.any(mask.reshape(*mask.shape[:2], -1), axis=-1)


def _join(value: Array) -> Array:
    return value.reshape(-1, *value.shape[2:])
