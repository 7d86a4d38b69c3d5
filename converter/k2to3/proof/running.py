"""Inside the worker: a model of either Keras on arrays."""

from __future__ import annotations

from typing import Any

import numpy as np


def predict(model: Any, values: list[Any]) -> list[Any]:
    """All outputs as a flat list of arrays."""
    if any(value.dtype.kind in "OUS" for value in values):
        import tensorflow as tf

        # Keras 3 takes text as tensors only, and then everything else too.
        values = [tf.constant(value) for value in values]
    batch = max(1, len(values[0]))
    found = model.predict(structured(model, values), batch_size=batch, verbose=0)
    return [_dense(item) for item in _flat(found)]


def _flat(found: Any) -> list[Any]:
    if isinstance(found, dict):
        found = [found[key] for key in sorted(found)]
    # A SparseTensorValue is a tuple.
    nested = isinstance(found, (list, tuple)) and not hasattr(found, "dense_shape")
    return [leaf for item in found for leaf in _flat(item)] if nested else [found]


def _dense(value: Any) -> Any:
    if hasattr(value, "dense_shape"):
        import tensorflow as tf

        value = tf.sparse.to_dense(tf.sparse.reorder(tf.SparseTensor(value.indices, value.values, value.dense_shape)))
    return np.asarray(value)


def structured(model: Any, values: list[Any]) -> Any:
    names = getattr(model, "input_names", None)
    structure = getattr(model, "_inputs_struct", None)
    if isinstance(structure, dict) or isinstance(getattr(model, "_nested_inputs", None), dict):
        return dict(zip(names or list(structure or ()), values, strict=True))
    return values[0] if len(values) == 1 else list(values)
