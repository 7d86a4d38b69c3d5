"""Inside the worker: a tf-keras model from the record of an architecture, by closed tables alone."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from k2to3.keras2.plain_record import ITEMS

Json = dict[str, Any]
SPECIAL = {*ITEMS, "__ellipsis__"}


def rebuild(config: Json, drawn: Mapping[str, Any] = MappingProxyType({})) -> Any:
    """The model, uncompiled and with its initial weights.

    `drawn` stand for classes of tf-keras itself; a class of the user's of such a name is meant where there is one.

    Raises:
        ValueError: a class that tf-keras and the user do not have.
    """
    import tf_keras
    from tf_keras.src.saving.legacy.serialization import SharedObjectLoadingScope

    record, scope = decoded(resolved(config)), _tables()[1]
    stand = {name: layer for name, layer in drawn.items() if not any(name in table for table in scope)}
    with SharedObjectLoadingScope(), tf_keras.utils.custom_object_scope(stand):
        return tf_keras.layers.deserialize(record, use_legacy_format=True)


def resolved(config: Any) -> Any:
    """The record under names that stand in a table of tf-keras, or in the scope of the user's and our own.

    Raises:
        ValueError: a class stands in none.
    """
    return _resolved(config, *_tables())


def _resolved(value: Any, known: list[Any], scope: list[Any]) -> Any:
    if isinstance(value, list):
        return [_resolved(item, known, scope) for item in value]
    if not isinstance(value, dict):
        return value
    name = value.get("class_name")
    if not isinstance(name, str) or name in SPECIAL:
        return {key: _resolved(item, known, scope) for key, item in value.items()}
    found = {**value, "class_name": _name(name, known, scope)}
    if name == "InterpretedLambda":
        # What our own interpreter reads is never deserialised.
        return found
    return {key: item if key == "class_name" else _resolved(item, known, scope) for key, item in found.items()}


def _name(name: str, known: list[Any], scope: list[Any]) -> str:
    if any(name in table for table in (*scope, *known)):
        return name
    # A class of the user's (`mine>Dense`), which may be given by its own name; Keras's own is not meant.
    short = name.rpartition(">")[2]
    if ">" in name and any(short in table for table in scope):
        return short
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


def _tables() -> tuple[list[Any], list[Any]]:
    """What tf-keras knows, and the scope of the user's classes."""
    from tf_keras.src import constraints, initializers, regularizers
    from tf_keras.src.layers import serialization
    from tf_keras.src.saving import object_registration

    serialization.populate_deserializable_objects()
    initializers.populate_deserializable_objects()
    known = [
        serialization.LOCAL.ALL_OBJECTS,
        initializers.LOCAL.ALL_OBJECTS,
        # Their tables are all names of a module, its helpers too; only classes are meant.
        {
            name
            for module in (regularizers, constraints)
            for name, item in vars(module).items()
            if isinstance(item, type)
        },
        {"l1", "l2", "l1_l2", "Policy", "PolicyV1", "LossScaleOptimizer"},
    ]
    scope = [object_registration._THREAD_LOCAL_CUSTOM_OBJECTS.__dict__, object_registration._GLOBAL_CUSTOM_OBJECTS]
    return known, scope


def _classes_of(module: Any) -> set[str]:
    return {name for name, item in vars(module).items() if isinstance(item, type)}
