"""Inside the worker: inputs that reach what ordinary numbers do not, one kind for each row of a batch.

Standard-normal numbers never saturate an activation, hardly ever meet a mask value, a threshold or a boundary,
and never a variance as small as an epsilon. What is tried here comes from the stored config and from the archive
on trial, not from the plan.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

Json = dict[str, Any]
AROUND = (0.0, -1e-3, 1e-3, -1e-4, 1e-4)
"""Two steps: a boundary that `adapt` found stands in the archive alone, which may have moved it by one of them."""
MOST = 24
"""Rows of constants at most."""
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


def kinds_for(config: Any, elements: Iterable[int], least: int = 0) -> tuple[str, ...]:
    """The rows that a batch of sharp inputs has.

    `edges` as often as every constant of the model needs to be met, and every mask value to end a sequence and to
    begin one.

    Args:
        elements: numbers in one sample of each input of numbers.
        least: rows that other inputs need.
    """
    met, masks = constants(config)
    needed = [-(-len(AROUND) * len(met) // max(1, count)) for count in elements]
    return ("edges",) * min(max(1, least, 2 * len(masks), *needed), MOST) + ("wide", "small")


def sharp_rows(kinds: Sequence[str], shape: tuple[int, ...], config: Any, generator: np.random.Generator) -> Any:
    """A sample of each kind, float64, one behind the other.

    `edges`: numbers at and around the model's own constants, and where activations bend; whole time steps of a
    mask value. `wide` and `small`: the magnitudes 30 and 0.001.
    """
    rows = generator.standard_normal((len(kinds), *shape))
    edges = [number for number, kind in enumerate(kinds) if kind == "edges"]
    met, masks = constants(config)
    rows[edges] = _edges(met, (len(edges), *shape), generator)
    for turn, number in enumerate(edges):
        _with_masks(rows[number], masks, turn, generator)
    for number, kind in enumerate(kinds):
        rows[number] *= {"wide": WIDE, "small": SMALL}.get(kind, 1.0)
    return rows


def _edges(met: Sequence[float], shape: tuple[int, ...], generator: np.random.Generator) -> Any:
    """Each of the model's constants and what lies around it once, as far as there is room; then by chance."""
    values = np.array([*met, *BENDS, *(-bend for bend in BENDS)])
    every = generator.permutation(_around(np.array(met), np.array(AROUND)[:, np.newaxis]).ravel())
    chosen = _around(generator.choice(values, size=shape), generator.choice([*AROUND, 0.0], size=shape)).ravel()
    count = min(len(every), len(chosen))
    chosen[generator.permutation(len(chosen))[:count]] = every[:count]
    return chosen.reshape(shape)


def _around(values: Any, steps: Any) -> Any:
    return values + steps * np.maximum(1.0, np.abs(values))


def _with_masks(row: Any, masks: Sequence[float], turn: int, generator: np.random.Generator) -> None:
    """Some steps of a sequence hold nothing but a mask value: a few, those at one end, and one between two that count.

    Each mask value ends one row and begins another.
    """
    if not (masks and row.ndim == 2 and len(row) > 2):
        return
    for step in np.flatnonzero(generator.random(len(row)) < 0.3):
        row[max(step, 1)] = generator.choice(masks)
    value = masks[turn % len(masks)]
    count = int(generator.integers(1, max(2, len(row) // 2)))
    left = slice(0, -count) if turn // len(masks) % 2 == 0 else slice(count, None)
    steps = np.arange(len(row))
    row[np.setdiff1d(steps, steps[left])] = value
    if len(steps[left]) > 2:
        # What a mask keeps from being forgotten shows in the step behind it.
        gap = int(generator.choice(steps[left][1:-1]))
        for beside in (gap - 1, gap + 1):
            if any(np.all(row[beside] == mask) for mask in masks):
                row[beside] = generator.standard_normal(row.shape[1:])
        row[gap] = value
