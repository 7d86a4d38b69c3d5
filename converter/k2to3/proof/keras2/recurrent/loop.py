"""`K.rnn`: a step function over time, and what it gives out at masked steps, by generation.

- Keras 1.x to 2.2.4 on TensorFlow, not unrolled: `states[0]` of before the step (tensorflow_backend.py).
- Theano; unrolled; Keras 2.2.5 and later; tf.keras 1.13 and later: the output of the step before, zeros at first.
- tf.keras with `zero_output_for_mask`: zeros. Unrolled and backwards, the mask that does it is not turned around.

States of masked steps stand still in all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from k2to3.errors import NotSpecified
from k2to3.proof.keras2.tensor import Array

States = list[Array]
Step = Callable[[Array, States], tuple[Array, States]]


@dataclass(frozen=True)
class Loop:
    """How time is walked."""

    backwards: bool = False
    unroll: bool = False
    keeps_state: bool = False
    """Masked steps give `states[0]`, where not unrolled."""
    zeroes: bool = False
    """Masked steps give zeros."""


def rnn(step: Step, inputs: Array, states: States, mask: Array | None, loop: Loop) -> tuple[Array, Array, States]:
    """Last output, outputs in the order of the walk, last states; `inputs` and `mask` are (batch, time, …)."""
    steps = list(range(inputs.shape[1]))
    order = steps[::-1] if loop.backwards else steps
    outputs: list[Array] = []
    for time in order:
        output, found = step(inputs[:, time], states)
        if mask is not None:
            counts = mask[:, time].astype(bool)
            output = _chosen(counts, output, _instead(output, outputs, states, loop))
            found = [_chosen(counts, new, old) for new, old in zip(found, states, strict=True)]
        outputs.append(output)
        states = found
    if not outputs:
        raise NotSpecified("no steps")
    stacked = np.stack(outputs, axis=1)
    if mask is not None and loop.zeroes and loop.unroll:
        stacked = _chosen(mask.astype(bool), stacked, np.zeros_like(stacked))
        last = _chosen(mask[:, order[-1]].astype(bool), outputs[-1], np.zeros_like(outputs[-1]))
        return last, stacked, states
    return outputs[-1], stacked, states


def _instead(output: Array, outputs: list[Array], states: States, loop: Loop) -> Array:
    if loop.keeps_state and not loop.unroll:
        if states[0].shape != output.shape:
            raise NotSpecified("its author's Keras refuses a mask where the first state is not as large as the output")
        return states[0]
    if not outputs or (loop.zeroes and not loop.unroll):
        return np.zeros_like(output)
    return outputs[-1]


def _chosen(counts: Array, new: Array, old: Array) -> Array:
    return np.where(counts.reshape(counts.shape + (1,) * (new.ndim - counts.ndim)), new, old)
