"""tensorflow_addons/layers/normalizations.py, spectral_normalization.py, wrappers.py (0.5 to 0.23).

Their files name the classes `Addons>…`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from k2to3.proof.keras2 import normalization
from k2to3.proof.keras2.layer import Layer, Make
from k2to3.proof.keras2.options import Options
from k2to3.proof.keras2.tensor import Array

SQUARES = 1e-12
"""What `tf.nn.l2_normalize` raises a smaller sum of squares to."""


class GroupNormalization(normalization.GroupNormalization):
    """As Keras's, but masks pass on; InstanceNormalization has a group for each channel."""

    since = "tensorflow-addons 0.5"
    source = "tensorflow_addons/layers/normalizations.py"
    masking = "passes"
    names: ClassVar[tuple[str, ...]] = ("Addons>GroupNormalization", "Addons>InstanceNormalization")

    def read(self, options: Options, make: Make) -> None:
        super().read(options, make)
        self.groups = -1 if self.class_name == "Addons>InstanceNormalization" else self.groups

    # Not Keras's, which has no claim for masks.
    call = Layer.call


class SpectralNormalization(normalization.SpectralNormalization):
    """At inference the wrapped layer with the kernel as it is stored."""

    since = "tensorflow-addons 0.9"
    source = "tensorflow_addons/layers/spectral_normalization.py"
    names = ("Addons>SpectralNormalization",)


class WeightNormalization(normalization.Around):
    """The wrapped layer, whose kernel is v / |v| * g for each index of its last axis."""

    since = "tensorflow-addons 0.5"
    source = "tensorflow_addons/layers/wrappers.py"
    names = ("Addons>WeightNormalization",)

    def read(self, options: Options, make: Make) -> None:
        self.layer = make.config(options.take("layer"))
        self.data_init = bool(options.take("data_init", True))
        if self.layer.class_name not in ("Dense", "Conv1D", "Conv2D", "Conv3D"):
            raise options.unspecified(f"around {self.layer.class_name}")

    def own_weights(self) -> tuple[Sequence[str], Sequence[str]]:
        trainable, fixed = self.layer.own_weights()
        copied = [f"data_dep_init/{name}" for name in (*trainable, *fixed)] if self.data_init else []
        return ("g",), ("initialized", *copied)

    def prepared(self, weights: dict[str, Array]) -> dict[str, Array]:
        if not bool(np.all(weights["initialized"])):
            raise self.unspecified("g before the first call, which sets it")
        v = self.layer.weights["kernel"].astype(np.float64)
        squares = np.sum(np.square(v), axis=tuple(range(v.ndim - 1)))
        self.layer.weights["kernel"] = v / np.sqrt(np.maximum(squares, SQUARES)) * weights["g"]
        return weights
