"""Inside the worker: a recurrence that amplifies rounding, step by step, each from the judge's own state."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from k2to3.proof.differences import difference
from k2to3.proof.keras2.layer import Step
from k2to3.proof.layerwise.walk import as_array


def worst_step(operation: Any, steps: list[Step], tolerance: float) -> tuple[float, float] | None:
    """The largest error of a single step and the scale of its values; None where the layer has no such steps.

    Every step of every sample is one row of one call of the cell.
    """
    worst = (0.0, 1.0)
    groups = _by_layer(steps)
    cells = list(_cells(operation))
    if not groups or len(cells) != len(groups):
        return None
    for cell, group in zip(cells, groups, strict=True):
        found = _step(cell, group)
        if found is None:
            return None
        for want, have in found:
            gap, scale, problem = difference(want, have)
            if problem:
                return (float("inf"), 1.0)
            worst = max(worst, (gap, scale), key=lambda pair: pair[0] / pair[1])
    return worst


def _cells(operation: Any) -> Iterator[Any]:
    """The cells of a layer, in the order in which the specification runs them."""
    if isinstance(operation, keras.layers.Bidirectional):
        yield from _cells(operation.forward_layer)
        yield from _cells(operation.backward_layer)
    elif isinstance(operation, keras.layers.RNN) and not isinstance(operation.cell, keras.layers.StackedRNNCells):
        yield operation.cell


def _by_layer(steps: list[Step]) -> list[list[Step]]:
    groups: dict[int, list[Step]] = {}
    for step in steps:
        groups.setdefault(id(step.layer), []).append(step)
    return list(groups.values())


def _step(cell: Any, steps: list[Step]) -> Iterator[tuple[Any, Any]] | None:
    """Pairs of what the judge and the cell give, outputs and then states."""
    inputs = np.concatenate([step.inputs for step in steps])
    before = [np.concatenate(states) for states in zip(*(step.before for step in steps), strict=True)]
    after = [np.concatenate(states) for states in zip(*(step.after for step in steps), strict=True)]
    if len(keras.tree.flatten(cell.state_size)) != len(before):
        return None
    output, states = cell(_tensor(inputs), [_tensor(state) for state in before])
    wanted = [np.concatenate([step.output for step in steps]), *after]
    found = [output, *keras.tree.flatten(states)]
    return zip(wanted, [as_array(tensor) for tensor in found], strict=True)


def _tensor(value: Any) -> Any:
    return keras.ops.convert_to_tensor(value.astype(np.float32) if value.dtype.kind == "f" else value)
