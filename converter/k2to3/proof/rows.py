"""Inside the worker: rows of different lengths in one array, whose shorter rows end with what no row holds.

That is NaN, and -1 in whole numbers. So inputs stay arrays until a model takes them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

NOTHING = -1


def cut(values: Any) -> Any:
    """Every row shorter than the one before, down to one step, and then full again."""
    found = values.copy()
    steps = values.shape[1]
    for row in range(len(values)):
        found[row, steps - row % steps :] = np.nan if values.dtype.kind == "f" else NOTHING
    return found


def as_ragged(values: Any) -> Any:
    """The ragged tensor that an array stands for."""
    import tensorflow as tf

    nothing = np.isnan(values) if values.dtype.kind == "f" else values == NOTHING
    there = ~nothing.reshape(*values.shape[:2], -1).all(axis=-1)
    # A row ends with its last step.
    lengths = np.where(there, np.arange(1, values.shape[1] + 1), 1).max(axis=1)
    flat = np.concatenate([row[:length] for row, length in zip(values, lengths, strict=True)])
    return tf.RaggedTensor.from_row_lengths(flat.astype("float32") if flat.dtype.kind == "f" else flat, lengths)


def flattened(ragged: Any) -> Any:
    """Lengths and values of a ragged output in one array, so that both are compared."""
    parts = [np.asarray(part, "float64").ravel() for part in (ragged.row_lengths(), ragged.flat_values)]
    return np.concatenate(parts)
