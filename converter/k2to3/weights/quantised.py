"""A weight of few bits, as its layer uses it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from k2to3.dataclass import dataclass
from k2to3.sources.tensors import Array
from k2to3.weights.expression import Expression, Folded


@dataclass(frozen=True)
class Quantised(Folded):
    """What `quantizer` makes of a weight, in its own dtype."""

    source: Expression
    quantize: Callable[[Array], Array]
    quantizer: str

    def compute(self) -> Array:
        value = self.source.compute()
        return np.asarray(self.quantize(value), value.dtype)

    def __str__(self) -> str:
        return f"{self.quantizer} of {self.source}"
