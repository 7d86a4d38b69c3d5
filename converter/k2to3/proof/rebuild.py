"""Inside the worker: a tf-keras model from the record of an architecture, by closed tables alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k2to3.proof.record import ITEMS

Json = dict[str, Any]
SPECIAL = {*ITEMS, "__ellipsis__"}


def rebuild(config: Json) -> Any:
    """The model, uncompiled and with its initial weights.

    Raises:
        ValueError: a class that tf-keras and the user do not have.
    """
    import tf_keras
    from tf_keras.src.saving.legacy.serialization import SharedObjectLoadingScope

    check_known(config)
    with SharedObjectLoadingScope():
        return tf_keras.layers.deserialize(decoded(config), use_legacy_format=True)


def check_known(config: Any) -> None:
    """Every class stands in a table of tf-keras, or in the scope of the user's and our own.

    Raises:
        ValueError: one does not.
    """
    tables = _tables()
    for name in _classes(config):
        if not any(name in table for table in tables):
            raise ValueError(f"Unknown class: {name!r}")


def decoded(value: Any) -> Any:
    """Tuples, shapes and the like as the Python objects that JSON cannot hold."""
    if isinstance(value, list):
        return [decoded(item) for item in value]
    if not isinstance(value, dict):
        return value
    name = value.get("class_name")
    if name == "__tuple__":
        return tuple(decoded(item) for item in value["items"])
    if name == "__ellipsis__":
        return Ellipsis
    if name == "__bytes__" and isinstance(value.get("value"), str):
        return value["value"].encode()
    if name == "TensorShape" and "items" in value:
        import tensorflow as tf

        return tf.TensorShape(value["items"])
    return {key: decoded(item) for key, item in value.items()}


def _classes(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        name = value.get("class_name")
        if isinstance(name, str) and name not in SPECIAL:
            yield name
        # What our own interpreter reads is never deserialised.
        for item in () if name == "InterpretedLambda" else value.values():
            yield from _classes(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _classes(item)


def _tables() -> list[Any]:
    import tf_keras
    from tf_keras.src import constraints, initializers, regularizers
    from tf_keras.src.layers import serialization
    from tf_keras.src.saving import object_registration

    serialization.populate_deserializable_objects()
    initializers.populate_deserializable_objects()
    return [
        serialization.LOCAL.ALL_OBJECTS,
        initializers.LOCAL.ALL_OBJECTS,
        vars(regularizers),
        vars(constraints),
        vars(tf_keras.activations),
        {"Policy", "PolicyV1", "LossScaleOptimizer"},
        object_registration._THREAD_LOCAL_CUSTOM_OBJECTS.__dict__,
        object_registration._GLOBAL_CUSTOM_OBJECTS,
    ]
