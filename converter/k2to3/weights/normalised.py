"""Weight normalisation, folded into the kernel it stands for."""

from __future__ import annotations

import numpy as np

from k2to3.dataclass import dataclass
from k2to3.errors import WeightMismatch
from k2to3.sources.tensors import Array
from k2to3.weights.expression import Expression, Folded

# The floor of `tf.nn.l2_normalize`.
EPSILON = 1e-12


@dataclass(frozen=True)
class Normalised(Folded):
    """g · v / |v| per index of the last axis, in float64, rounded once.

    `initialized` is the flag beside them; before it is set, `gain` means nothing.
    """

    source: Expression
    gain: Expression
    initialized: Expression

    def compute(self) -> Array:
        """The folded kernel.

        Raises:
            WeightMismatch: the layer was saved before its first call.
        """
        if not bool(np.all(self.initialized.compute())):
            raise WeightMismatch(f"{self.gain} was never initialised: the model was saved before its first call")
        value = self.source.compute()
        wide = value.astype(np.float64)
        squares = np.square(wide).sum(axis=tuple(range(wide.ndim - 1)))
        scale = self.gain.compute().astype(np.float64) / np.sqrt(np.maximum(squares, EPSILON))
        return np.asarray(wide * scale).astype(value.dtype)

    def __str__(self) -> str:
        return f"{self.gain} · {self.source} / |{self.source}|"
