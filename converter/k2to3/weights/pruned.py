"""A weight of which parts are switched off."""

from __future__ import annotations

import numpy as np

from k2to3.dataclass import dataclass
from k2to3.errors import WeightMismatch
from k2to3.sources.tensors import Array
from k2to3.weights.expression import Expression, Folded


@dataclass(frozen=True)
class Pruned(Folded):
    """weight · mask, of a mask of ones and zeros."""

    source: Expression
    mask: Expression

    def compute(self) -> Array:
        """
        Raises:
            WeightMismatch: the mask holds other values than zero and one.
        """
        mask = self.mask.compute()
        if not bool(np.all((mask == 0) | (mask == 1))):
            raise WeightMismatch("a mask of pruning holds other values than zero and one")
        value = self.source.compute()
        found: Array = np.where(mask == 1, value, np.zeros((), value.dtype))
        return found

    def __str__(self) -> str:
        return f"{self.source} · {self.mask}"
