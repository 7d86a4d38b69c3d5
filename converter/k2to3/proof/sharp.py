"""Inside the worker: inputs that reach what ordinary numbers do not, one kind for each row of a batch.

Standard-normal numbers never saturate an activation, hardly ever meet a mask value, a threshold or a boundary,
and never a variance as small as an epsilon. What is tried here comes from the stored config and from the archive
on trial, not from the plan.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

Json = dict[str, Any]
KINDS = ("edges", "wide", "small")
# Keys whose numbers an input can meet.
MEETS = frozenset(
    {"mask_value", "max_value", "min_value", "threshold", "theta", "bin_boundaries", "boundaries", "bins"}
)
# Where activations of Keras bend: relu6, hard_sigmoid of both Kerases, tanh and sigmoid at their ends.
BENDS = (0.0, 0.5, 1.0, 2.5, 3.0, 6.0)
WIDE, SMALL = 30.0, 1e-3
LARGEST = 1e6


def constants(config: Any) -> tuple[list[float], list[float]]:
    """What inputs are to meet: (numbers of thresholds and the like, mask values)."""
    found: list[float] = []
    masks: list[float] = []
    for key, value in _numbers(config):
        (masks if key == "mask_value" else found).append(value)
    return sorted(set(found)), sorted(set(masks))


def _numbers(node: Any, key: str = "") -> Iterator[tuple[str, float]]:
    if isinstance(node, dict):
        for name, item in node.items():
            yield from _numbers(item, str(name))
    elif isinstance(node, (list, tuple)):
        for item in node:
            yield from _numbers(item, key)
    elif key in MEETS and isinstance(node, (int, float)) and not isinstance(node, bool):
        value = float(node)
        if math.isfinite(value) and abs(value) <= LARGEST:
            yield key, value


def sharp_row(kind: str, shape: tuple[int, ...], config: Any, generator: np.random.Generator) -> Any:
    """One sample of the given kind, float64.

    `edges`: numbers at and around the model's own constants, and where activations bend; whole time steps of a
    mask value. `wide` and `small`: the magnitudes 30 and 0.001.
    """
    plain = generator.standard_normal(shape)
    if kind == "wide":
        return plain * WIDE
    if kind == "small":
        return plain * SMALL
    met, masks = constants(config)
    values = np.array([*met, *BENDS, *(-bend for bend in BENDS)])
    chosen = generator.choice(values, size=shape)
    near = chosen + generator.choice([-1e-3, 0.0, 0.0, 1e-3], size=shape) * np.maximum(1.0, np.abs(chosen))
    return _with_masked_steps(near, masks, generator)


def _with_masked_steps(row: Any, masks: list[float], generator: np.random.Generator) -> Any:
    """Some steps of a sequence hold nothing but the mask value: in the middle, and a different number at the end."""
    if masks and row.ndim == 2 and len(row) > 2:
        for step in np.flatnonzero(generator.random(len(row)) < 0.3):
            row[max(step, 1)] = generator.choice(masks)
        row[len(row) - int(generator.integers(1, max(2, len(row) // 2))) :] = generator.choice(masks)
    return row
