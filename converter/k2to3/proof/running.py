"""Inside the worker: a model of either Keras on arrays.

`predict` of both Kerases makes a data set for every batch and traces the model for every size of one, which takes most
of the time of a proof of a small file. The models are therefore called as `predict` calls them, without all that; where
this fails, `predict` itself has the say.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from k2to3.proof.differences import difference
from k2to3.proof.memory import check_memory
from k2to3.proof.rows import as_ragged, flattened

# Longer recurrences take longer one operation at a time than their graph takes to be drawn.
STEPS = 128
SAME = 1e-4


class Keras3:
    """A model of Keras 3; on TensorFlow one graph for batches of every size and lengths as open as its own.

    One for each length where it has a TimeDistributed: that of Keras 3.15 counts samples for steps where it does not
    know the length. `miscounts` says that it computed something else where a graph left lengths open, as that of
    `predict` does from the second length on; `crops_open` that a CenterCrop gets images of a size that its graph does
    not know.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self._graphs: dict[Any, Any] = {}
        self.miscounts = False
        self.crops_open = any(_crops_open(layer) for layer in getattr(model, "_flatten_layers", list)())
        layers: list[Any] = list(getattr(model, "_flatten_layers", list)())
        self._closed = any(type(layer).__name__ == "TimeDistributed" for layer in layers)
        # Each run of these is a step of its own.
        self._stateful = any(getattr(layer, "stateful", False) for layer in layers)
        self._whole = bool(getattr(model, "inputs", None)) and _on_tensorflow()

    def predict(self, values: list[Any]) -> list[Any]:
        """All outputs as a flat list of arrays."""
        if any(_ragged_inputs(self._model)):
            return _arrays(self._model(structured(self._model, _given(self._model, values)), training=False))
        if self._whole and not _texts(values):
            try:
                given = _tensors(values)
                key = tuple(tuple(value.shape[1:]) for value in given) if self._closed else None
                if key not in self._graphs:
                    self._graphs[key] = _graph(self._model, given, self._closed)
                found = _arrays(self._graphs[key](given))
                if self._closed and not self.miscounts:
                    self.miscounts = self._differs_open(given, found)
                return found
            except Exception as error:
                check_memory(error)
                self._whole = False
        return predict(self._model, values)

    def _differs_open(self, given: list[Any], closed: list[Any]) -> bool:
        if self._stateful or not any(None in item.shape[1:] for item in self._model.inputs):
            return False
        try:
            self._graphs[None] = self._graphs.get(None) or _graph(self._model, given, False)
            found = _arrays(self._graphs[None](given))
        except Exception as error:
            check_memory(error)
            return True
        compared = [difference(want, have) for want, have in zip(closed, found, strict=True)]
        return any(problem or gap > SAME * scale for gap, scale, problem in compared)


def call(model: Any, values: list[Any]) -> list[Any]:
    """All outputs of a tf-keras model, one operation at a time."""
    if not _texts(values) and all(value.ndim < 2 or value.shape[1] <= STEPS for value in values):
        try:
            return _arrays(model(structured(model, _given(model, values)), training=False))
        except Exception as error:
            check_memory(error)
    return predict(model, values)


def predict(model: Any, values: list[Any]) -> list[Any]:
    """All outputs as a flat list of arrays."""
    if _texts(values):
        import tensorflow as tf

        # Keras 3 takes text as tensors only, and then everything else too.
        values = [tf.constant(value) for value in values]
    batch = max(1, len(values[0]))
    return _arrays(model.predict(structured(model, values), batch_size=batch, verbose=0))


def _texts(values: list[Any]) -> bool:
    return any(value.dtype.kind in "OUS" for value in values)


def _on_tensorflow() -> bool:
    import keras

    return bool(keras.backend.backend() == "tensorflow")


def _graph(model: Any, given: list[Any], closed: bool) -> Any:
    import tensorflow as tf

    shapes = [
        (item.shape[0], *(value.shape[1:] if closed else item.shape[1:]))
        for item, value in zip(model.inputs, given, strict=True)
    ]
    signature = [tf.TensorSpec(shape, value.dtype) for shape, value in zip(shapes, given, strict=True)]

    def outputs(values: list[Any]) -> Any:
        return model(structured(model, values), training=False)

    return tf.function(outputs, input_signature=[signature], autograph=False)


def _tensors(values: list[Any]) -> list[Any]:
    """What `predict` makes of arrays: all floating numbers are float32, before the model casts them."""
    import tensorflow as tf

    return [tf.constant(value, "float32" if value.dtype.kind == "f" else value.dtype) for value in values]


def _given(model: Any, values: list[Any]) -> list[Any]:
    """Tensors, those of ragged inputs ragged."""
    flags = _ragged_inputs(model) or [False] * len(values)
    return [as_ragged(value) if flag else _tensors([value])[0] for flag, value in zip(flags, values, strict=True)]


def _ragged_inputs(model: Any) -> list[bool]:
    """For each input of a model of either Keras, whether it is ragged."""
    return [
        bool(getattr(item, "ragged", False)) or type(getattr(item, "type_spec", None)).__name__ == "RaggedTensorSpec"
        for item in getattr(model, "inputs", None) or ()
    ]


def _arrays(found: Any) -> list[Any]:
    return [_dense(item) for item in _flat(found)]


def _flat(found: Any) -> list[Any]:
    if isinstance(found, dict):
        found = [found[key] for key in sorted(found)]
    # A SparseTensorValue is a tuple.
    nested = isinstance(found, (list, tuple)) and not hasattr(found, "dense_shape")
    return [leaf for item in found for leaf in _flat(item)] if nested else [found]


def _dense(value: Any) -> Any:
    if hasattr(value, "row_splits"):
        return flattened(value)
    if hasattr(value, "dense_shape"):
        import tensorflow as tf

        value = tf.sparse.to_dense(tf.sparse.reorder(tf.SparseTensor(value.indices, value.values, value.dense_shape)))
    return np.asarray(value)


def _crops_open(layer: Any) -> bool:
    """Whether it is a CenterCrop of images whose height or width is open: one that is too small is not enlarged."""
    if type(layer).__name__ != "CenterCrop":
        return False
    image = slice(-2, None) if layer.data_format == "channels_first" else slice(-3, -1)
    return any(None in tensor.shape[image] for node in layer._inbound_nodes for tensor in node.input_tensors)


def structured(model: Any, values: list[Any]) -> Any:
    names = getattr(model, "input_names", None)
    structure = getattr(model, "_inputs_struct", None)
    if isinstance(structure, dict) or isinstance(getattr(model, "_nested_inputs", None), dict):
        return dict(zip(names or list(structure or ()), values, strict=True))
    return values[0] if len(values) == 1 else list(values)
