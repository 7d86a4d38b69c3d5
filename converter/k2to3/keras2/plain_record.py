"""What a judge is given of an architecture: plain values and names of classes, nothing that names code.

The stored config is rebuilt here. `module` and `registered_name`, which make Keras import what a file names, are
left out, so that Keras looks a class up by its name in its own closed table; the values that only rebuild Python
objects (`__tensor__`, `__lambda__`, type specs) become plain ones or are refused.
"""

from __future__ import annotations

from typing import Any

from k2to3.errors import BadConfig, UnsafeFile
from k2to3.keras2.parse import class_of
from k2to3.limits import too_much
from k2to3.sources.json_text import Json

# Forms of `tf_keras/src/saving/legacy/saved_model/json_utils.py` that hold values alone.
ITEMS = {"__tuple__": "items", "TensorShape": "items", "__bytes__": "value"}
ARRAYS = ("__tensor__", "__numpy__")
# Loaders of objects that a file may choose; no honest model that converts has one outside of a Lambda.
LOADERS = ("__lambda__", "__typespec__", "TypeSpec", "CompositeTensor")
# A path here would be opened.
TABLES = ("vocabulary", "idf_weights")
PASSIVE = "__passive_serialization__"
SHARED = "shared_object_id"


def record(config: Json) -> Json:
    """The record of a model, a layer, an optimizer or another object of a checkpoint.

    Raises:
        BadConfig: an object without a class, or a table that is a path.
        UnsafeFile: an object that could load others.
    """
    try:
        found = _value(config)
    except RecursionError as error:
        raise too_much("nesting", "the architecture is nested too deeply") from error
    assert isinstance(found, dict)
    return found


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        return _object(value) if "class_name" in value else {str(k): _entry(str(k), v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_value(item) for item in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise BadConfig(f"the architecture holds a {type(value).__name__}")


def _object(value: Json) -> Any:
    name = _text(value["class_name"], "class name")
    if name == "__ellipsis__":
        return {"class_name": name}
    if name in ITEMS and ITEMS[name] in value:
        return {"class_name": name, ITEMS[name]: _value(value[ITEMS[name]])}
    inner = value.get("config")
    if name in ARRAYS and isinstance(inner, dict):
        return _numbers(inner.get("value"))
    if name == "function":
        # Keras 2 looks a function up by its name; the module it once stood in means nothing here.
        return _text(inner, "function")
    if name in LOADERS:
        raise UnsafeFile(f"the architecture holds an object of {name!r}, which makes Keras load others")
    class_name = class_of(value)
    # The interpreter of Lambdas reads data, and Keras never sees it.
    config = _opaque(inner) if class_name == "Lambda" else _value(inner)
    kept: Json = {"class_name": class_name, "config": {} if config is None else config}
    if "name" in value:
        kept["name"] = _text(value["name"], "name")
    if "inbound_nodes" in value:
        kept["inbound_nodes"] = _value(value["inbound_nodes"])
    if isinstance(value.get(SHARED), int):
        kept[SHARED] = value[SHARED]
    if value.get(PASSIVE) is True:
        kept[PASSIVE] = True
    return kept


def _entry(key: str, value: Any) -> Any:
    if key in TABLES and not (value is None or isinstance(value, (list, tuple))):
        raise BadConfig("a table is not a list", key=key)
    return _value(value)


def _opaque(value: Any) -> Any:
    """Data for our own interpreter: as it is, without the mark that makes Keras build objects of it."""
    if isinstance(value, dict):
        return {str(key): _opaque(item) for key, item in value.items() if key not in (PASSIVE, "module")}
    return [_opaque(item) for item in value] if isinstance(value, (list, tuple)) else value


def _numbers(value: Any) -> Any:
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    if isinstance(value, (bool, int, float, str)):
        return value
    raise BadConfig("an array in the architecture holds something else than numbers or texts")


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str):
        raise BadConfig(f"the {what} of an object is not text")
    return value
