"""Inside the worker: build one custom layer with real Keras 3 and say what came of it."""

from __future__ import annotations

import inspect
from typing import Any

from k2to3.custom.loading import find

Json = dict[str, Any]


def describe(objects: dict[str, Any], job: Json) -> Json:
    """Config, variables by archive group, outputs and mask behaviour of one call.

    `job` holds the class name, the Keras 2 config, and the arguments with
    `{"tensor": [shape, dtype]}` leaves.
    """
    import keras

    cls = _layer_class(objects, job["class_name"])
    with keras.saving.custom_object_scope(objects):
        layer = cls.from_config(job["config"])
        outputs = layer(_symbolic(job["args"]), **{k: _symbolic(v) for k, v in job["kwargs"].items()})
        found = keras.saving.serialize_keras_object(layer)
    return {
        "class_name": found["class_name"],
        "module": found["module"],
        "registered_name": found["registered_name"],
        "config": found["config"],
        "outputs": [[list(t.shape), keras.backend.standardize_dtype(t.dtype)] for t in keras.tree.flatten(outputs)],
        "groups": groups(layer),
        **_masks(layer),
    }


def _layer_class(objects: dict[str, Any], name: str) -> Any:
    import keras

    found: Any = find(objects, name)
    if not isinstance(found, type) or not issubclass(found, keras.layers.Layer):
        raise TypeError(f"{name} is not a keras.layers.Layer")
    return found


def _symbolic(value: Any) -> Any:
    import keras

    if isinstance(value, dict) and set(value) == {"tensor"}:
        shape, dtype = value["tensor"]
        return keras.KerasTensor(tuple(shape), dtype=dtype)
    if isinstance(value, dict):
        return {key: _symbolic(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_symbolic(item) for item in value]
    return value


def groups(layer: Any) -> list[Json]:
    """What Keras's own saving would write, by group, as it walks the layer's attributes."""
    from keras.src.saving import saving_lib

    class Recorder(saving_lib.H5IOStore):  # type: ignore[misc]
        def __init__(self) -> None:
            self.written: dict[str, dict[str, Any]] = {}

        def __bool__(self) -> bool:
            return True

        def make(self, path: str, metadata: Any = None) -> dict[str, Any]:
            return self.written.setdefault(path.strip("/"), {})

    store = Recorder()
    saving_lib._save_state(layer, store, None, inner_path="", visited_saveables=set())
    root = f"{getattr(layer, 'path', layer.name)}/"
    return [
        {"path": path, "variables": [_variable(written[key], root) for key in sorted(written, key=int)]}
        for path, written in store.written.items()
        if written
    ]


def _variable(value: Any, root: str) -> Json:
    """One stored value; a layer that stores something else than variables cannot be laid out."""
    if not hasattr(value, "path") or not hasattr(value, "trainable"):
        raise TypeError("save_own_variables() of the class writes something that is not a variable")
    return {
        "name": str(value.path).removeprefix(root),
        "shape": list(value.shape),
        "dtype": str(value.dtype),
    }


def _masks(layer: Any) -> Json:
    """What the class does with masks: `pass`, `drop`, or `own` where only running it would tell."""
    import keras

    takes = "mask" in inspect.signature(layer.call).parameters
    if type(layer).compute_mask is not keras.layers.Layer.compute_mask:
        return {"takes_mask": takes, "masks": "own"}
    return {"takes_mask": takes, "masks": "pass" if layer.supports_masking else "drop"}


def describe_function(objects: dict[str, Any], job: Json) -> Json:
    """How Keras 3 writes a function (an activation) of the user's."""
    import keras

    value = find(objects, job["class_name"])
    if inspect.isclass(value) or not callable(value):
        raise TypeError(f"{job['class_name']} is not a function")
    with keras.saving.custom_object_scope(objects):
        return {"function": keras.saving.serialize_keras_object(value)}


def describe_object(objects: dict[str, Any], job: Json) -> Json:
    """How Keras 3 writes a regularizer, constraint or initializer of the user's: a class or a function."""
    import keras

    value: Any = find(objects, job["class_name"])
    if not inspect.isclass(value):
        return describe_function(objects, job)
    base = getattr(keras, f"{job['kind']}s")
    if not issubclass(value, getattr(base, job["kind"].capitalize())):
        raise TypeError(f"{job['class_name']} is not a keras.{job['kind']}s.{job['kind'].capitalize()}")
    with keras.saving.custom_object_scope(objects):
        made = value.from_config(job["config"])  # type: ignore[attr-defined]
        return {"function": keras.saving.serialize_keras_object(made)}


def describe_cell(objects: dict[str, Any], job: Json) -> Json:
    """Config, variables, and the widths of states and output of a cell for RNN."""
    import keras

    cls = _layer_class(objects, job["class_name"])
    with keras.saving.custom_object_scope(objects):
        cell = cls.from_config(job["config"])
        cell.build((None, job["width"]))
        found = keras.saving.serialize_keras_object(cell)
    states = cell.state_size if isinstance(cell.state_size, (list, tuple)) else [cell.state_size]
    output = getattr(cell, "output_size", states[0])
    if not all(isinstance(width, int) for width in (*states, output)):
        raise TypeError("its state_size or output_size is neither a number nor a list of numbers")
    return {
        "class_name": found["class_name"],
        "module": found["module"],
        "registered_name": found["registered_name"],
        "config": found["config"],
        "states": list(states),
        "output": output,
        "groups": groups(cell),
    }
