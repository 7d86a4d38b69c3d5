"""Which call of a Keras 2 layer each tensor of a Keras 3 graph answers for: where a proof can look into a model."""

from __future__ import annotations

from k2to3.dataclass import dataclass
from k2to3.keras3.tensor import Tensor

Path = tuple[tuple[str, int], ...]
"""Names of layers of Keras 2, outermost model first, each with the number of its call there."""


@dataclass(frozen=True)
class Origin:
    """`outputs` is what the call at `path` became; `rule` says by whom."""

    path: Path
    class_name: str
    rule: str
    outputs: tuple[Tensor, ...]
