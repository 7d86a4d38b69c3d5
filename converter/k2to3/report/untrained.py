"""Models that were saved before they learned anything.

The two Kerases draw other numbers from the same seed, so such a file is worth no more than
its architecture: only the stored weights can agree, not a model built anew.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from k2to3.findings import Finding
from k2to3.matching.slots import base_name
from k2to3.sources.tensors import StoredTensor

# What the default initializers leave in weights that any training step moves.
START: dict[str, tuple[float, ...]] = {
    "bias": (0.0, 1.0),  # LSTMs start their forget gates at 1
    "b": (0.0,),
    "beta": (0.0,),
    "gamma": (1.0,),
    "moving_mean": (0.0,),
    "moving_variance": (1.0,),
}
MAX_BYTES = 1 << 20


def fresh_finding(tensors: Iterable[StoredTensor]) -> Finding | None:
    """A warning when every weight with a known start still has it; None without any such weight."""
    telling = [
        t for t in tensors if base_name(t.name) in START and t.dtype.startswith("float") and t.nbytes < MAX_BYTES
    ]
    if not telling or not all(_untouched(tensor) for tensor in telling):
        return None
    some = f"{'both' if len(telling) == 2 else f'all {len(telling):,}'} biases and statistics have their initial values"
    text = f"{some if len(telling) > 1 else 'the only bias has its initial value'}: a freshly initialised model"
    return Finding("warning", "", "", text)


def _untouched(tensor: StoredTensor) -> bool:
    values = tensor.read()
    return bool(np.logical_or.reduce([values == start for start in START[base_name(tensor.name)]]).all())
