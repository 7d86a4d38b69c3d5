"""A weight of few bits, as its layer uses it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from k2to3.sources.tensors import Array, StoredTensor
from k2to3.weights.expression import Expression


@dataclass(frozen=True)
class Quantised(Expression):
    """What `quantizer` makes of a weight, in its own dtype."""

    source: Expression
    quantize: Callable[[Array], Array]
    quantizer: str

    @property
    def shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return self.source.shape

    @property
    def dtype(self) -> str:  # type: ignore[override]
        return self.source.dtype

    @property
    def exact(self) -> bool:
        return False

    def sources(self) -> Iterator[StoredTensor]:
        return self.source.sources()

    def compute(self) -> Array:
        value = self.source.compute()
        return np.asarray(self.quantize(value), value.dtype)

    def __str__(self) -> str:
        return f"{self.quantizer} of {self.source}"
